import type { Berth } from "@berth/sdk";
import { BerthError } from "@berth/protocol/errors";
import { Asker, canAsk } from "../../core/prompt/ask.ts";
import { isAnswered, withAnswer } from "../../core/prompt/filled-input.ts";
import { type Question, questionsOf } from "../../core/prompt/form.ts";
import { UsageError } from "../../core/usage-error.ts";
import { readInput } from "../submit/read-input.ts";
import { isFields, setFields } from "./set-fields.ts";
import type { TaskAction } from "./task-action.ts";

/** What a task is given. */
export interface RunInput {
  /** Empty for nothing. */
  text: string;
  /** Asks again for what the server has found wrong; rethrows what no answer would mend, or nobody is there to give. */
  mend(error: unknown): Promise<string>;
}

/**
 * The file as it is; over it what is set; and, at a terminal, what else the schema asks for: all of it where neither is given,
 * else only what it requires.
 */
export async function runInput(
  { flags, cli }: TaskAction,
  { berth, name }: { berth: Berth; name: string },
): Promise<RunInput> {
  const { input: file, set } = flags;
  const { surroundings } = cli;
  const content =
    file === undefined ? "" : await readInput(file, { flag: "--input", stdin: surroundings.stdin });
  if (typeof content !== "string") throw notJson(`--input ${file}`);
  const isAsked = file !== "-" && !flags["no-ask"] && canAsk(surroundings);
  if (!isAsked && set.length === 0) return { text: content, mend: rethrow };
  const schema = await berth.tasks.schema(name);
  const questions = isAsked ? questionsOf(schema) : [];
  if (set.length === 0 && questions.length === 0) return { text: content, mend: rethrow };
  const read = content === "" ? {} : parsed(content);
  if (!isFields(read)) {
    if (set.length > 0) throw notJson(`--input ${file}`);
    return { text: content, mend: rethrow };
  }
  const given = setFields(read, set, schema);
  const wanted = questions.filter(
    ({ path, required, default: usual }) =>
      !isAnswered(given, path) &&
      ((file === undefined && set.length === 0) || (required && usual === undefined)),
  );
  let input: unknown = given;
  const ask = async (some: readonly Question[]): Promise<string> => {
    input = await answered(input, some, surroundings);
    return JSON.stringify(input);
  };
  // Not written anew where nothing is added: numbers stay as they stand in the file.
  const text = wanted.length > 0 ? await ask(wanted) : set.length > 0 ? JSON.stringify(given) : content;
  return {
    text,
    async mend(error) {
      const wrong = questionsOfProblems(error, questions);
      if (wrong === null) throw error;
      for (const { line } of wrong) await cli.err.line(`  ${line}`);
      return await ask([...new Set(wrong.map(({ question }) => question))]);
    },
  };
}

async function answered(
  before: unknown,
  questions: readonly Question[],
  surroundings: TaskAction["cli"]["surroundings"],
): Promise<unknown> {
  using asker = new Asker(surroundings);
  let input = before;
  for (const question of questions) {
    const value = await asker.ask(question);
    if (value !== undefined) input = withAnswer(input, question.path, value);
  }
  return input;
}

/** Which questions the server's problems are about; null where it has others, or one that nobody was asked for. */
function questionsOfProblems(
  error: unknown,
  questions: readonly Question[],
): { question: Question; line: string }[] | null {
  if (!(error instanceof BerthError) || error.code !== "INPUT_INVALID") return null;
  const found = error.problems.map(({ field, message }) => {
    const question = questions.find(({ path }) => {
      const own = path.join(".");
      return field === own || field.startsWith(`${own}.`) || field.startsWith(`${own}[`);
    });
    return question && { question, line: `${field} ${message}` };
  });
  return found.length === 0 || found.includes(undefined) ? null : found.filter((one) => one !== undefined);
}

function rethrow(error: unknown): never {
  throw error;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function notJson(what: string): UsageError {
  return new UsageError(
    `Cannot read ${what}: it is not an object of JSON`,
    'Write it like {"month": "2026-01"}',
  );
}
