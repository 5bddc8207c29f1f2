/** Part of a document. */
export type Json = Record<string, unknown>;

export function jsonContent(schema: Json, example?: unknown): Json {
  return { "application/json": { schema, ...(example !== undefined && { example }) } };
}

export function ref(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}
