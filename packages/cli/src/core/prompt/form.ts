/** What the value of a question is. Secrets are texts that nobody is to see. */
export type Kind =
  | { kind: "text" }
  | { kind: "secret" }
  | { kind: "number"; isWhole: boolean }
  | { kind: "boolean" }
  | { kind: "enum"; values: readonly unknown[] }
  /** Texts or numbers, written in one line with commas between. */
  | { kind: "list"; of: { kind: "text" } | { kind: "number"; isWhole: boolean } }
  /** What no plainer question can ask for. */
  | { kind: "json" };

export interface Question {
  /** Names of objects in one another, and of the field in the innermost. */
  path: readonly string[];
  kind: Kind;
  /** For people; null where the schema says nothing. */
  about: string | null;
  required: boolean;
  /** What the server fills in; undefined for nothing. */
  default: unknown;
  /** What of a value does not fit; null where it does, as far as this side can tell: the server knows all of the schema. */
  problem(value: unknown): string | null;
}

type Schema = Readonly<Record<string, unknown>>;

/** Deeper objects, and those that hold themselves, are asked for as JSON. */
const MOST_DEPTH = 6;

/** What a schema asks for, in its own order: of objects in it their fields. Empty where it says nothing of fields. */
export function questionsOf(schema: unknown): Question[] {
  const whole = resolved(schema, schema);
  return whole === null ? [] : fieldsOf(whole, { whole, path: [], required: true });
}

function fieldsOf(
  schema: Schema,
  { whole, path, required }: { whole: Schema; path: readonly string[]; required: boolean },
): Question[] {
  const { properties } = schema;
  if (!isRecord(properties)) return [];
  const wanted = Array.isArray(schema["required"]) ? (schema["required"] as unknown[]) : [];
  return Object.entries(properties).flatMap(([name, part]) => {
    const field = resolved(part, whole);
    if (field === null || field["readOnly"] === true || "const" in field) return [];
    const at = [...path, name];
    const isWanted = required && wanted.includes(name);
    if (isObject(field) && at.length < MOST_DEPTH) {
      const inner = fieldsOf(field, { whole, path: at, required: isWanted });
      if (inner.length > 0 && field["default"] === undefined) return inner;
    }
    return [questionOf(field, { whole, path: at, required: isWanted })];
  });
}

function isObject(schema: Schema): boolean {
  const isPlain = !["oneOf", "anyOf", "allOf", "if"].some((word) => word in schema);
  return (
    isPlain && (schema["type"] === "object" || schema["type"] === undefined) && isRecord(schema["properties"])
  );
}

function questionOf(
  field: Schema,
  { whole, path, required }: { whole: Schema; path: readonly string[]; required: boolean },
): Question {
  const { title, description } = field;
  const about = [description, title].find((one) => typeof one === "string");
  return {
    path,
    kind: kindOf(field, whole),
    about: about ?? null,
    required,
    default: field["default"],
    problem: (value) => problemOf(field, value),
  };
}

function kindOf(field: Schema, whole: Schema): Kind {
  const { type, enum: values, items } = field;
  if (Array.isArray(values)) return { kind: "enum", values };
  if (type === "string")
    return { kind: field["writeOnly"] === true || field["format"] === "password" ? "secret" : "text" };
  if (type === "integer" || type === "number") return { kind: "number", isWhole: type === "integer" };
  if (type === "boolean") return { kind: "boolean" };
  if (type === "array" && field["prefixItems"] === undefined) {
    const inner = resolved(items, whole);
    const of = inner === null ? null : kindOf(inner, whole);
    if (of?.kind === "text" || of?.kind === "number") return { kind: "list", of };
  }
  return { kind: "json" };
}

/** Of the plain bounds alone: patterns are the server's, where they can be given up. */
function problemOf(field: Schema, value: unknown): string | null {
  const bound = (name: string): number | null => (typeof field[name] === "number" ? field[name] : null);
  const check = (size: number, [least, most]: readonly [string, string], what: string): string | null => {
    const [min, max] = [bound(least), bound(most)];
    if (min !== null && size < min) return `must ${what} at least ${min}`;
    return max !== null && size > max ? `must ${what} at most ${max}` : null;
  };
  if (typeof value === "number") {
    const [above, below] = [bound("exclusiveMinimum"), bound("exclusiveMaximum")];
    if (above !== null && value <= above) return `must be more than ${above}`;
    if (below !== null && value >= below) return `must be less than ${below}`;
    return check(value, ["minimum", "maximum"], "be");
  }
  if (typeof value === "string")
    return check(Array.from(value).length, ["minLength", "maxLength"], "have a number of letters of");
  if (Array.isArray(value)) return check(value.length, ["minItems", "maxItems"], "have a number of items of");
  return null;
}

/** A schema with what it refers to; null for what is none, or refers to itself for ever. */
function resolved(schema: unknown, whole: unknown): Schema | null {
  let found = schema;
  for (let steps = 0; steps < 8 && isRecord(found); steps += 1) {
    const { $ref, ...own } = found;
    if (typeof $ref !== "string") return found;
    const at = pointed(whole, $ref);
    // What stands beside the reference, as a description, is closer.
    found = isRecord(at) ? { ...at, ...own } : null;
  }
  return null;
}

function pointed(whole: unknown, ref: string): unknown {
  if (!ref.startsWith("#")) return null;
  const names = ref.slice(1).split("/").slice(1);
  return names.reduce<unknown>((found, part) => {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    return isRecord(found) && Object.hasOwn(found, name) ? found[name] : null;
  }, whole);
}

function isRecord(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
