/** What a task takes, in today's words where Kriten's are of an older draft; the words as they were given stand beside. */
const GIVEN = "$comment";
const GIVEN_MARK = "kriten: ";
/** Say nothing of what fits. */
const SILENT: ReadonlySet<string> = new Set(["example", "xml", "externalDocs", "discriminator"]);
/** Their members are called as people like. */
const OF_NAMES: ReadonlySet<string> = new Set(["properties", "definitions", "$defs", "patternProperties"]);
/** They hold values, and no schemas. */
const OF_VALUES: ReadonlySet<string> = new Set(["enum", "default", "const", "examples"]);

type Schema = Record<string, unknown>;

/** A schema of Kriten's (OpenAPI 2) as JSON Schema 2020-12. */
export function fromKritenSchema(given: Schema): Schema {
  const made = converted(given) as Schema;
  const text = JSON.stringify(given);
  return JSON.stringify(made) === text ? made : { ...made, [GIVEN]: GIVEN_MARK + text };
}

/** As it was given, where it was given here. */
export function toKritenSchema(schema: Schema): Schema {
  const said = schema[GIVEN];
  if (typeof said !== "string" || !said.startsWith(GIVEN_MARK)) return schema;
  try {
    return JSON.parse(said.slice(GIVEN_MARK.length)) as Schema;
  } catch {
    return schema;
  }
}

/** Recursion is safe here: how deep a body may be was checked when it was read. */
function converted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(converted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([word]) => !SILENT.has(word));
  const kept = entries.map(([word, said]) => {
    if (OF_VALUES.has(word)) return [word, said] as const;
    return [word, OF_NAMES.has(word) ? namesOf(said) : converted(said)] as const;
  });
  return withNull(withBounds(Object.fromEntries(kept)));
}

function namesOf(said: unknown): unknown {
  if (typeof said !== "object" || said === null || Array.isArray(said)) return said;
  return Object.fromEntries(Object.entries(said).map(([name, schema]) => [name, converted(schema)]));
}

/** `exclusiveMinimum: true` beside `minimum` is one number today. */
function withBounds(schema: Schema): Schema {
  let made = schema;
  for (const [bound, exclusive] of [
    ["minimum", "exclusiveMinimum"],
    ["maximum", "exclusiveMaximum"],
  ] as const) {
    const { [bound]: limit, [exclusive]: isExclusive, ...rest } = made;
    if (typeof isExclusive !== "boolean") continue;
    made = { ...rest, ...(limit !== undefined && { [isExclusive ? exclusive : bound]: limit }) };
  }
  return made;
}

function withNull(schema: Schema): Schema {
  const { nullable, "x-nullable": alsoNullable, ...rest } = schema;
  if (nullable !== true && alsoNullable !== true)
    return typeof nullable === "boolean" || typeof alsoNullable === "boolean" ? rest : schema;
  if (typeof rest["type"] !== "string") return rest;
  const values: unknown = rest["enum"];
  return {
    ...rest,
    type: [rest["type"], "null"],
    ...(Array.isArray(values) && !values.includes(null) && { enum: [...(values as unknown[]), null] }),
  };
}
