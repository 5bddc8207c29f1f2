import type { Json } from "./json.ts";

/** Headers that an operation reads, beside `Authorization`. */
const HEADERS: Readonly<Record<string, Json[]>> = {
  submitJob: [
    header(
      "Idempotency-Key",
      "1 to 255 visible ASCII characters. The same key and body answer with the first job",
    ),
  ],
  runTask: [header("Idempotency-Key", "As of a job. The same key and input answer with the first run")],
  updateRunner: [ifMatch()],
  updateTask: [ifMatch()],
  rollBackRunner: [ifMatch()],
  rollBackTask: [ifMatch()],
  updateSchedule: [ifMatch()],
  rollBackSchedule: [ifMatch()],
  runWebhook: [
    header("webhook-id", "Of `standard`: what tells this call from every other one"),
    header("webhook-timestamp", "Of `standard`: when it was made, in seconds since 1970"),
    header(
      "webhook-signature",
      "Of `standard`: `v1,` and the signature in base64; several behind one another",
    ),
    header("X-Hook-Signature", "Of `sha512`: the HMAC-SHA512 of the body in hex"),
  ],
  updateWebhook: [ifMatch()],
  rollBackWebhook: [ifMatch()],
  createUpload: [...ofUploads()],
  appendUpload: [
    { ...header("Upload-Offset", "Where the body goes on: the `offset` of the upload"), required: true },
    ...ofUploads(),
  ],
  readOutput: [header("Last-Event-ID", "For server-sent events: where to go on; wins over `offset`")],
  watchJob: [header("Last-Event-ID", "Only events after this one")],
};

/** What stands for a name in braces of a path. */
const PATH: Readonly<Record<string, Json & { description: string }>> = {
  id: { description: "The job's id", format: "uuid" },
  serial: { description: "The certificate's number" },
  sha256: { description: "The upload's name", pattern: "^[0-9a-f]{64}$" },
  token: { description: "The token's id", format: "uuid" },
  session: { description: "The session's id", format: "uuid" },
  group: { description: "The group's name" },
  member: { description: "The name of a user who is in it" },
  user: { description: "The user's name" },
  delivery: { description: "The delivery's id", format: "uuid" },
  binding: { description: "The binding's id", format: "uuid" },
  name: { description: "Its name", pattern: "^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$" },
};

/** The parameters of an operation: of its path, its query, and its headers. */
export function parametersOf(name: string, { path, query }: { path: string; query: Json | null }): Json[] {
  return [...pathParameters(path), ...(query ? queryParameters(query) : []), ...(HEADERS[name] ?? [])];
}

function pathParameters(path: string): Json[] {
  const parameter = (name: string, description: string, schema: Json): Json => ({
    name,
    in: "path",
    required: true,
    description,
    schema: { type: "string", ...schema },
  });
  const named = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = ""]) => {
    const { description, ...schema } = PATH[name] ?? { description: "" };
    return parameter(name, description, schema);
  });
  return [...named, ...(path.includes("*") ? [parameter("path", "May hold `/`", {})] : [])];
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

function ifMatch(): Json {
  return header(
    "If-Match",
    "The version that the change was made to, in quotes: refused where another one holds by now",
  );
}

function ofUploads(): Json[] {
  return [
    header("Upload-Length", "Bytes that the upload will have in all. Default: what comes"),
    header(
      "Upload-Complete",
      "`?0`: there is more to come behind this body, for which the upload needs `sha256`. Default `?1`",
    ),
  ];
}
