import type { Problem } from "@berth/protocol";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import ajvFormats from "ajv-formats";
import { fieldName } from "../../../core/input/check.ts";
import type { Compiled } from "./compile-schema.ts";

/** Where a schema has schemas, by keyword: one, a list of them, or some by name. */
const ONE = [
  "items",
  "contains",
  "additionalProperties",
  "unevaluatedProperties",
  "unevaluatedItems",
  "propertyNames",
  "not",
  "if",
  "then",
  "else",
];
const SEVERAL = [
  "properties",
  "patternProperties",
  "dependentSchemas",
  "$defs",
  "definitions",
  "allOf",
  "anyOf",
  "oneOf",
  "prefixItems",
];

/** Of the schema among those that its checker knows: no schema has this as its name. */
const WHOLE = "berth:input";

/** The defaults that do not fit the very schema that they stand in: an input would be refused for what it did not say. */
export function wrongDefaults({ schema }: Pick<Compiled, "schema">): Problem[] {
  const problems: Problem[] = [];
  // Most schemas have no default, and need none of this.
  let partAt: ReturnType<typeof partsOf> | null = null;
  for (const { value, path } of defaultsIn(schema, [])) {
    partAt ??= partsOf(schema);
    const why = misfit(partAt(path), value);
    if (why === null) continue;
    const message = `must fit the schema that it stands in: ${why}`.slice(0, 500);
    problems.push({ field: fieldName(["spec", "input", ...path, "default"]), message });
  }
  return problems;
}

function* defaultsIn(
  part: unknown,
  path: readonly string[],
): Generator<{ value: unknown; path: readonly string[] }> {
  if (!isObject(part)) return;
  if (Object.hasOwn(part, "default")) yield { value: part["default"], path };
  for (const keyword of ONE)
    if (Object.hasOwn(part, keyword)) yield* defaultsIn(part[keyword], [...path, keyword]);
  for (const keyword of SEVERAL)
    if (Object.hasOwn(part, keyword))
      for (const [name, inner] of Object.entries(part[keyword] ?? {}))
        yield* defaultsIn(inner, [...path, keyword, name]);
}

/** What of a value does not fit; null where all does. */
function misfit(validate: ValidateFunction, value: unknown): string | null {
  try {
    // A copy: what it leaves out is filled in.
    if (validate(structuredClone(value))) return null;
    return (validate.errors ?? []).map(({ message }) => message ?? "is wrong").join(", ");
  } catch (error) {
    if (error instanceof RangeError) return "filled in by itself, it never ends";
    throw error;
  }
}

/** What checks a value by the part of a schema that stands at a path. */
function partsOf(schema: object): (path: readonly string[]) => ValidateFunction {
  // Strict is who compiled the whole: a part has its default where a whole may have none.
  const ajv = new Ajv2020({
    strict: false,
    validateSchema: false,
    allErrors: true,
    useDefaults: true,
    logger: false,
  });
  ajvFormats.default(ajv);
  ajv.addSchema(schema, WHOLE);
  return (path) => {
    const pointer = path.map(
      (name) => `/${encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1"))}`,
    );
    const found = ajv.getSchema(path.length === 0 ? WHOLE : `${WHOLE}#${pointer.join("")}`);
    if (found === undefined) throw new Error(`no schema stands at ${path.join(".")}`);
    return found;
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
