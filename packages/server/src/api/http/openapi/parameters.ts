import type { Json } from "./json.ts";

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
  return [
    ...(path.includes("{id}") ? [parameter("id", "The job's id", { format: "uuid" })] : []),
    ...(path.includes("{serial}") ? [parameter("serial", "The certificate's number", {})] : []),
    ...(path.includes("*") ? [parameter("path", "May hold `/`", {})] : []),
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
