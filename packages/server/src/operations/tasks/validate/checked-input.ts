import { BerthError, type Problem } from "@berth/protocol";
import type { Caller } from "../../../core/caller/caller.ts";
import { readInput } from "../../../core/task/read-input.ts";
import type { Context } from "../../context.ts";
import type { Known } from "../definitions/find-definition.ts";

/**
 * What the job is given: the input's own text, with the defaults of the schema where it leaves something out. Throws INPUT_INVALID,
 * SCHEMA_SLOW.
 */
export async function checkedInput(
  { inputs }: Pick<Context, "inputs">,
  { caller, task, input }: { caller: Caller; task: Known<"task">; input: Uint8Array },
): Promise<string> {
  const read = readInput(input);
  if ("problem" in read) throw inputInvalid(task.name, [read.problem]);
  const { input: schema } = task.spec;
  if (schema === undefined) return read.text;
  const answer = await inputs.check({
    name: task.name,
    version: task.version,
    schema,
    text: read.text,
    caller,
  });
  if ("problems" in answer) throw inputInvalid(task.name, answer.problems);
  return answer.text;
}

function inputInvalid(name: string, problems: readonly Problem[]): BerthError {
  const fields = problems.slice(0, 3).map(({ field, message }) => `${field} ${message}`);
  const more = problems.length > 3 ? `; and ${problems.length - 3} more` : "";
  return new BerthError("INPUT_INVALID", `Cannot run task "${name}": ${fields.join("; ")}${more}`, {
    problems,
  });
}
