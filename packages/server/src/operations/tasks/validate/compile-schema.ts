import { definitionBounds, type Problem } from "@berth/protocol";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import ajvFormats from "ajv-formats";

export interface Compiled {
  validate: ValidateFunction;
  schema: object;
  /** Whether it may add something to what it checks. */
  fillsIn: boolean;
}

const DIALECT = "https://json-schema.org/draft/2020-12/schema";

const options = {
  strict: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  allErrors: true,
  useDefaults: true,
  logger: false,
} as const;

/** Made once, as it takes ten times what most schemas take. It knows no schema of anybody: they are what it checks. */
const dialect = withFormats(new Ajv2020(options));

/** Compiles the schema of a task, or says what keeps it from being one. Fields are those of a definition. */
export function compileSchema(text: string): Compiled | { problems: Problem[] } {
  const refused = (message: string): { problems: Problem[] } => ({
    problems: [{ field: "spec.input", message: message.slice(0, 500) }],
  });
  if (Buffer.byteLength(text) > definitionBounds.schema) return refused("must be at most 256 KiB of JSON");
  const { $schema, $id: _, ...schema } = JSON.parse(text) as Record<string, unknown>;
  if ($schema !== undefined && $schema !== DIALECT && $schema !== `${DIALECT}#`)
    return refused("must be of JSON Schema 2020-12: its $schema is another one");
  const outside = outsideBounds(schema);
  if (outside !== null) return refused(outside);
  // One for each: schemas of strangers know nothing of one another.
  const ajv = withFormats(new Ajv2020({ ...options, validateSchema: false }));
  // It goes by these, and takes them in its strict mode for a keyword that it does not know.
  ajv.addKeyword("$anchor");
  try {
    void dialect.validateSchema(schema, true);
    // A word of that name somewhere else only makes the check dearer.
    return { validate: ajv.compile(schema), schema, fillsIn: /"default"|\\u/.test(text) };
  } catch (error) {
    return refused(`is no JSON Schema: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function outsideBounds(schema: object): string | null {
  const { schemaDepth, subschemas } = definitionBounds;
  let count = 0;
  const tooDeep = (value: unknown, depth: number): boolean => {
    if (typeof value !== "object" || value === null) return false;
    count += 1;
    return depth > schemaDepth || Object.values(value).some((inner) => tooDeep(inner, depth + 1));
  };
  if (tooDeep(schema, 1)) return `must be at most ${schemaDepth} levels deep`;
  return count > subschemas ? `must hold at most ${subschemas} objects and lists` : null;
}

function withFormats(ajv: Ajv2020): Ajv2020 {
  ajvFormats.default(ajv);
  return ajv;
}
