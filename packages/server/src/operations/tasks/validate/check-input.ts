import type { Problem } from "@berth/protocol";
import type { ErrorObject } from "ajv";
import { fieldName } from "../../../core/input/check.ts";
import { strictValue } from "../../../lib/text/strict-value.ts";
import type { Answer } from "./asked.ts";
import type { Compiled } from "./compile-schema.ts";
import { filledIn } from "./filled-in.ts";

/** Nobody reads more. */
const MOST_PROBLEMS = 100;

/** How a key may be written that no JSON of ours holds: as it is, or with letters by their numbers. */
function mayHoldProto(text: string): boolean {
  return text.includes("__proto__") || text.includes("\\u");
}

/** What the job is given: the text itself where the schema adds nothing to it. */
export async function checkInput({ validate, fillsIn }: Compiled, text: string): Promise<Answer> {
  const wrong = (message: string): Answer => ({ problems: [{ field: "body", message }] });
  // Not what a lenient parser makes of it: another one, in the job, may read a key that comes twice in the other way.
  const read = await strictValue(text);
  if (!read.ok) return wrong(`must be JSON: ${read.reason}`);
  const { value } = read;
  try {
    const before = fillsIn || mayHoldProto(text) ? JSON.stringify(value) : null;
    if (before?.includes('"__proto__":') === true) return wrong("must not hold a key __proto__");
    if (!validate(value)) return { problems: (validate.errors ?? []).slice(0, MOST_PROBLEMS).map(problemOf) };
    return { text: !fillsIn || JSON.stringify(value) === before ? text : filledIn(text, value) };
  } catch (error) {
    if (error instanceof RangeError) return wrong("must not be so deep");
    throw error;
  }
}

function problemOf({ instancePath, keyword, params, message = "is wrong" }: ErrorObject): Problem {
  const path = instancePath
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((part) => (/^\d{1,9}$/.test(part) ? Number(part) : part));
  const said = params as Readonly<Record<string, unknown>>;
  switch (keyword) {
    case "required":
      return { field: fieldName([...path, String(said["missingProperty"])]), message: "is missing" };
    case "additionalProperties":
    case "unevaluatedProperties": {
      const name = String(said["additionalProperty"] ?? said["unevaluatedProperty"]);
      return { field: fieldName([...path, name]), message: "is not known" };
    }
    case "enum": {
      const allowed = (said["allowedValues"] as unknown[]).map((one) => JSON.stringify(one)).join(", ");
      return { field: fieldName(path), message: `must be one of ${allowed}`.slice(0, 500) };
    }
    default:
      return { field: fieldName(path), message: message.slice(0, 500) };
  }
}
