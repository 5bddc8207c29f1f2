import { z } from "zod";
import type { Json } from "./json.ts";

/** Makes schemas of the document: each named one once, among its components, and referred to from everywhere else. */
export class Schemas {
  readonly #named = new Map<string, Json>();

  /** As a client writes it (`input`), or as the server answers (`output`). */
  of(schema: z.ZodType, io: "input" | "output"): Json {
    const text = JSON.stringify(
      z.toJSONSchema(schema, {
        io,
        unrepresentable: "any",
        override: ({ jsonSchema }) => tidy(jsonSchema, io),
      }),
    );
    const document = JSON.parse(text.replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
    const { $schema: _, $defs = {}, id, ...own } = document as Json & { $defs?: Record<string, Json> };
    for (const [name, { id: _id, ...named }] of Object.entries($defs)) this.#named.set(name, named);
    if (typeof id === "string") this.#named.set(id, own);
    // Left out where values are transformed when they are read; these are of what is written.
    const { id: name, examples } = schema.meta() ?? {};
    const made = name === undefined ? undefined : this.#named.get(name);
    if (made !== undefined && examples !== undefined) made["examples"] = examples;
    return typeof id === "string" ? { $ref: `#/components/schemas/${id}` } : own;
  }

  add(name: string, schema: Json): void {
    this.#named.set(name, schema);
  }

  /** The first example of a schema that was made. */
  exampleOf(name: string): unknown {
    const examples = this.#named.get(name)?.["examples"];
    return Array.isArray(examples) ? (examples as unknown[])[0] : undefined;
  }

  /** All that were made, by name. */
  get components(): Json {
    return Object.fromEntries([...this.#named].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** Formats that a schema names and no reader of documents knows. */
const ownFormats = new Set(["starts_with"]);
/** Formats that say all: a pattern beside them is a page long, and not every generator can read it. */
const plainFormats = new Set(["date-time", "uuid", "base64"]);

function tidy(schema: Json, io: "input" | "output"): void {
  const { format, minimum, maximum } = schema;
  if (typeof format === "string" && plainFormats.has(format)) delete schema["pattern"];
  if (typeof format === "string" && ownFormats.has(format)) delete schema["format"];
  if (minimum === Number.MIN_SAFE_INTEGER) delete schema["minimum"];
  if (maximum === Number.MAX_SAFE_INTEGER) {
    delete schema["maximum"];
    // Without it some generators take 32 bits, which end at two gigabytes of output.
    schema["format"] = "int64";
  }
  // A client must go on with what a newer server adds.
  if (io === "output" && schema["additionalProperties"] === false) delete schema["additionalProperties"];
  beAnOnlyMember(schema);
  const { properties } = schema;
  if (io === "input" && isJson(properties)) for (const inner of Object.values(properties)) sayDefault(inner);
}

/** A union of one is that one: of a job's source there is only one kind yet. */
function beAnOnlyMember(schema: Json): void {
  const { anyOf } = schema;
  const [only, ...others] = Array.isArray(anyOf) ? (anyOf as unknown[]) : [];
  if (!isJson(only) || others.length > 0) return;
  delete schema["anyOf"];
  Object.assign(schema, only);
}

/**
 * A default in words: generators take the keyword for a promise that the field is there, and ask their users for it.
 * Parameters keep theirs, as pages fill them in.
 */
function sayDefault(inner: unknown): void {
  if (!isJson(inner) || !Array.isArray(inner["default"])) return;
  const { default: value, description } = inner;
  delete inner["default"];
  const words = `Default \`${JSON.stringify(value)}\``;
  inner["description"] = typeof description === "string" ? `${description}. ${words}` : words;
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null;
}
