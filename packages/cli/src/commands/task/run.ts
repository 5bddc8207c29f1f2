import type { Berth } from "@berth/sdk";
import { exitCodeOfSignal, exitCodes } from "../../core/exit-codes.ts";
import { printable } from "../../core/text/printable.ts";
import { UsageError } from "../../core/usage-error.ts";
import { exitCodeOfJob, notesOf, summaryOf } from "../job/job-sentences.ts";
import { attendJob } from "../submit/attend-job.ts";
import { readInput } from "../submit/read-input.ts";
import { nameAnd, versionIn } from "./definition-action.ts";
import { isFields, setFields } from "./set-fields.ts";
import type { TaskAction } from "./task-action.ts";

/** Runs a task and stays with its job, as `berth run` does; with --detach it prints the job's id. */
export async function runTask(action: TaskAction): Promise<number> {
  const { flags, cli } = action;
  const [name] = nameAnd(action, { action: "run" });
  const version = versionIn(flags.at);
  const berth = await cli.connectAsUser();
  const text = await inputOf(action, { berth, name });
  const submit = async (signal?: AbortSignal) =>
    await berth.tasks.runText(name, text, { wait: "0s", version, signal });
  if (flags.detach) {
    const job = await submit();
    await (flags.json ? cli.out.json(job) : cli.out.line(job.id));
    return exitCodes.ok.code;
  }
  const { job, interrupted } = await attendJob(
    berth,
    async (signal) => berth.jobs.handle((await submit(signal)).id),
    { cli, stdoutTo: flags.json ? "stderr" : "stdout", explainWait: cli.err.isTerminal },
  );
  if (job === null) return exitCodeOfSignal(interrupted ?? "SIGINT");
  if (flags.json) await cli.out.json(job);
  for (const note of notesOf(job)) await cli.err.line(`berth: ${printable(note)}`);
  const ownEnd = job.cause?.code === "exit" || job.state === "succeeded";
  if (cli.err.isTerminal || !ownEnd) await cli.err.line(`berth: ${printable(summaryOf(job))}`);
  return interrupted === null ? exitCodeOfJob(job) : exitCodeOfSignal(interrupted);
}

/** What the task is given: the file as it is, or what is set, over the file. */
async function inputOf(
  { flags, cli }: TaskAction,
  { berth, name }: { berth: Berth; name: string },
): Promise<string> {
  const content =
    flags.input === undefined
      ? ""
      : await readInput(flags.input, { flag: "--input", stdin: cli.surroundings.stdin });
  if (typeof content !== "string") throw notJson(`--input ${flags.input}`);
  if (flags.set.length === 0) return content;
  const read = content === "" ? {} : parsed(content);
  if (!isFields(read)) throw notJson(`--input ${flags.input}`);
  return JSON.stringify(setFields(read, flags.set, await berth.tasks.schema(name)));
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
