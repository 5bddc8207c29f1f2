import type { Cli } from "../../core/cli.ts";
import { defineCommand, type FlagValues } from "../../core/define-command.ts";
import { exitCodes } from "../../core/exit-codes.ts";
import { UsageError } from "../../core/usage-error.ts";
import { nameAnd } from "./definition-action.ts";
import { definitionActions } from "./definition-actions.ts";
import { helpOfTask } from "./help-of-task.ts";
import { readJsonFile } from "./read-spec.ts";
import { runTask } from "./run.ts";
import { type TaskAction, taskFlags } from "./task-action.ts";

const actions: Readonly<Record<string, (action: TaskAction) => Promise<number>>> = {
  ...definitionActions,
  schema: showSchema,
  run: runTask,
};

export const task = defineCommand({
  arguments: [
    {
      name: "ACTION",
      about:
        "run NAME, schema NAME, list, get NAME, create NAME, update NAME, delete NAME, versions NAME, diff NAME, rollback NAME VERSION",
      choices: Object.keys(actions),
    },
    { name: "WORD", about: "The task, and versions of it", variadic: true, optional: true },
  ],
  flags: taskFlags,
  details: [
    "A task is a command of a runner that others may run with an input, without being",
    "told its secrets. The job finds the input in $EXTRA_VARS, or, where it is longer",
    "than 96 KiB, in the file that $EXTRA_VARS_FILE names; its result is the JSON",
    "between two lines ^JSON of its output. `run` follows it and ends as `berth run`",
    "would. At a terminal it asks for what the task takes: all of it, or, where --set",
    "or --input say something, what is still required. `run NAME --help` shows that.",
  ],
  hides: ["grpc"],
  helpFor: ({ args: [action, name, ...more] }, cli) =>
    action === "run" && name !== undefined && more.length === 0
      ? helpOfTask(name, cli)
      : Promise.resolve(null),
  examples: [
    { line: "berth task create hello --runner reports --command 'echo $EXTRA_VARS'", about: "a command" },
    { line: "berth task run hello --set name=Ada --set times=3", about: "with an input" },
    { line: "berth task run hello --input - --json < input.json", about: "for scripts" },
  ],
  async run({ args: [name = "", ...words], flags }, cli) {
    const act = actions[name];
    if (act === undefined) throw new UsageError(`Cannot do "${name}" with tasks`, "See `berth task --help`");
    const ownFields = (): Promise<object> => fieldsOf(flags, cli);
    return act({ noun: "task", words, flags, cli, ownFields, calls: callsOf });
  },
});

const callsOf: TaskAction["calls"] = ({ tasks }) => ({
  list: (options) => tasks.list(options),
  // What is in it is the server's to check.
  create: (name, spec) => tasks.create(name, spec as Parameters<typeof tasks.create>[1]),
  get: (name, options) => tasks.get(name, options),
  update: (name, spec, options) => tasks.update(name, spec, options),
  delete: (name) => tasks.delete(name),
  versions: (name, options) => tasks.versions(name, options),
  diff: (name, options) => tasks.diff(name, options),
  rollBack: (name, version) => tasks.rollBack(name, version),
});

async function fieldsOf(flags: FlagValues<typeof taskFlags>, cli: Cli): Promise<object> {
  const { runner, command, schema, synchronous, "result-file": resultFile, callback, retry } = flags;
  const secret = flags["callback-secret"];
  return {
    ...(runner !== undefined && { runner }),
    ...(command !== undefined && { command }),
    ...(schema !== undefined && { input: await readJsonFile(schema, { flag: "--schema", cli }) }),
    ...(synchronous && { synchronous }),
    ...(resultFile !== undefined && { resultFile }),
    ...(callback.length > 0 && { callbacks: callbacksOf(callback, secret) }),
    // Its bounds are the server's to know.
    ...(retry !== undefined && { retry: { most: countIn(retry) } }),
  };
}

function callbacksOf(urls: readonly string[], secret: string | undefined): object[] {
  if (secret !== undefined) return urls.map((url) => ({ url, secret }));
  throw new UsageError(
    "Cannot sign what --callback is told: there is no secret",
    "Add --callback-secret NAME",
  );
}

function countIn(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new UsageError(`Cannot read --retry "${text}": it is no number`, "Write it like `--retry 3`");
}

async function showSchema(action: TaskAction): Promise<number> {
  const [name] = nameAnd(action, { action: "schema" });
  const berth = await action.cli.connectAsUser();
  await action.cli.out.json(await berth.tasks.schema(name));
  return exitCodes.ok.code;
}
