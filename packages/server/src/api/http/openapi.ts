import {
  errorBody,
  errorCatalog,
  jobEvent,
  operations,
  type Operation,
  outputChunk,
  outputFramesType,
} from "@berth/protocol";
import { z } from "zod";

type Json = Record<string, unknown>;

/** Headers that an operation reads, beside `Authorization`. */
const HEADERS: Readonly<Record<string, Json[]>> = {
  submitJob: [
    header(
      "Idempotency-Key",
      "1 to 255 visible ASCII characters. The same key and body answer with the first job",
    ),
  ],
  readOutput: [header("Last-Event-ID", "For server-sent events: where to go on; wins over `offset`")],
  watchJob: [header("Last-Event-ID", "Only events after this one")],
};

/**
 * The OpenAPI 3.1 document of the contract. Made here rather than by a plugin of the server: the operations are data
 * already, and each named schema appears once, under its own name.
 */
export function openApiDocument(version: string): Json {
  const components: Json = {};
  const schemaOf = (schema: z.ZodType, io: "input" | "output"): Json =>
    toJsonSchema(schema, { io, components });
  const paths: Record<string, Json> = {};
  for (const [name, operation] of Object.entries(operations as Record<string, Operation>)) {
    const path = operation.path.replace("*", "{path}");
    const entry = (paths[path] ??= {});
    entry[operation.method.toLowerCase()] = describe(name, { operation, schemaOf });
  }
  schemaOf(errorBody, "output");
  // What streams carry is in no answer's schema.
  for (const streamed of [outputChunk, jobEvent]) schemaOf(streamed, "output");
  return {
    openapi: "3.1.0",
    info: {
      title: "Berth",
      version,
      description:
        "Runs other people's code, remotely and in isolation, and gives back output, result and proof.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    security: [{ token: [] }],
    paths: { ...paths, ...OPERATOR_PATHS },
    components: {
      schemas: Object.fromEntries(Object.entries(components).toSorted(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "An API token: `berth_...`" },
      },
      responses: {
        Error: { description: errorText(), content: jsonContent({ $ref: "#/components/schemas/Error" }) },
      },
    },
  };
}

const ERROR: Json = { $ref: "#/components/responses/Error" };

/** What is not of the contract's operations: for whoever runs the server. */
const OPERATOR_PATHS: Json = {
  "/healthz": {
    get: operatorPath("health", {
      summary: "Say that the server lives",
      responses: { 200: { description: "It lives" } },
    }),
  },
  "/readyz": {
    get: operatorPath("readiness", {
      summary: "Say whether the server can take jobs",
      responses: { 200: { description: "It can" }, 503: ERROR },
    }),
  },
  "/metrics": {
    get: {
      operationId: "metrics",
      summary: "Show counters for Prometheus; administrators only",
      tags: ["server"],
      responses: { 200: { description: "Text format", content: { "text/plain": {} } }, default: ERROR },
    },
  },
};

function operatorPath(
  operationId: string,
  { summary, responses }: { summary: string; responses: Json },
): Json {
  return { operationId, summary, tags: ["server"], security: [], responses };
}

function describe(
  name: string,
  {
    operation,
    schemaOf,
  }: { operation: Operation; schemaOf: (schema: z.ZodType, io: "input" | "output") => Json },
): Json {
  const { status, body, mediaTypes } = operation.success;
  const content = body ? jsonContent(schemaOf(body, "output")) : streamContent(mediaTypes ?? []);
  return {
    operationId: name,
    summary: operation.summary,
    tags: [operation.permission?.resource ?? "server"],
    parameters: [
      ...pathParameters(operation.path),
      ...(operation.query ? queryParameters(schemaOf(operation.query, "input")) : []),
      ...(HEADERS[name] ?? []),
    ],
    ...(operation.body && {
      requestBody: { required: name !== "stopJob", content: jsonContent(schemaOf(operation.body, "input")) },
    }),
    responses: { [status]: { description: operation.summary, ...(content && { content }) }, default: ERROR },
  };
}

/** Moves named schemas to the document's components and refers to them. */
function toJsonSchema(
  schema: z.ZodType,
  { io, components }: { io: "input" | "output"; components: Json },
): Json {
  const text = JSON.stringify(z.toJSONSchema(schema, { io, unrepresentable: "any" }));
  const {
    $schema: _,
    $defs = {},
    ...own
  } = JSON.parse(text.replaceAll('"#/$defs/', '"#/components/schemas/')) as {
    $defs?: Record<string, Json>;
  } & Json;
  for (const [id, named] of Object.entries($defs)) components[id] = withoutId(named);
  const id = own["id"];
  if (typeof id !== "string") return own;
  components[id] = withoutId(own);
  return { $ref: `#/components/schemas/${id}` };
}

function withoutId(schema: Json): Json {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== "id"));
}

function pathParameters(path: string): Json[] {
  const id = { name: "id", in: "path", required: true, schema: { type: "string", format: "uuid" } };
  const rest = {
    name: "path",
    in: "path",
    required: true,
    schema: { type: "string" },
    description: "May hold `/`",
  };
  const serial = { name: "serial", in: "path", required: true, schema: { type: "string" } };
  return [
    ...(path.includes("{id}") ? [id] : []),
    ...(path.includes("{serial}") ? [serial] : []),
    ...(path.includes("*") ? [rest] : []),
  ];
}

function queryParameters(schema: Json): Json[] {
  const { properties = {}, required = [] } = schema as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: "query",
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema: rest,
  }));
}

function header(name: string, description: string): Json {
  return { name, in: "header", required: false, description, schema: { type: "string" } };
}

function jsonContent(schema: Json): Json {
  return { "application/json": { schema } };
}

function streamContent(types: readonly string[]): Json | undefined {
  const schemas: Readonly<Record<string, Json>> = {
    "application/octet-stream": {},
    "application/json": { schema: {} },
    "application/x-ndjson": { schema: { $ref: "#/components/schemas/OutputChunk" } },
    "text/event-stream": { schema: { type: "string" } },
    [outputFramesType]: {
      schema: {
        type: "string",
        format: "binary",
        description:
          "Heads of 24 bytes, each followed by that many bytes of the stream. Byte 0 of a head: 0 alive, 1 stdout, " +
          "2 stderr, 3 end; bytes 4-7 the size of what follows, 8-15 its offset, 16-23 its time in ms since 1970; " +
          "unsigned, highest byte first.",
      },
    },
  };
  return types.length === 0
    ? undefined
    : Object.fromEntries(types.map((type) => [type, schemas[type] ?? {}]));
}

function errorText(): string {
  const codes = Object.entries(errorCatalog).filter(([, { status }]) => status > 0);
  return `What failed, and how to mend it. Codes: ${codes.map(([code, { status }]) => `\`${code}\` (${status})`).join(", ")}`;
}
