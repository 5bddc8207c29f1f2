import type { Contents } from "../input/read-spec.ts";
import type { JobSpec, RunnerSpec, TaskSpec } from "@berth/protocol";

/** So much of an input stands in a variable: Linux takes no longer ones than 128 KiB, and all of them together share a few times that. */
const MOST_IN_VARIABLE = 96 * 2 ** 10;
/** Below the job's folder. */
const INPUT_FILE = ".berth-input.json";

/** What a run says of itself: nothing of it changes what runs, or with what. */
export type RunWords = Pick<JobSpec, "name" | "labels" | "priority">;

/** The job that a task makes of an input: limits and the rest are the task's where it says something, else its runner's. */
export function jobOfTask(
  { runner, task, words = {} }: { runner: RunnerSpec; task: TaskSpec; words?: RunWords | undefined },
  input: string,
): JobSpec {
  const [command = "", ...args] =
    typeof task.command === "string" ? ["/bin/sh", "-c", task.command] : task.command;
  const { engine } = runner;
  const { output, collect, resultFile } = task;
  const network = task.network ?? runner.network;
  const secrets = bothSecrets(runner.secrets, task.secrets);
  const resources = bothResources(runner.resources, task.resources);
  const { name, labels, priority } = words;
  return {
    ...(name !== undefined && { name }),
    ...(labels !== undefined && { labels }),
    ...(priority !== undefined && { priority }),
    command,
    args,
    ...given(input),
    ...(runner.subdir !== undefined && { workdir: `/work/${runner.subdir}` }),
    ...(engine !== undefined && { engine }),
    ...(resources !== undefined && { resources }),
    ...((runner.timeouts ?? task.timeouts) && { timeouts: { ...runner.timeouts, ...task.timeouts } }),
    ...(network !== undefined && { network }),
    ...(secrets.length > 0 && { secrets }),
    ...(output !== undefined && { output }),
    ...(collect !== undefined && { collect }),
    ...(resultFile !== undefined && { resultFile }),
  };
}

/** The input that such a job was made of; null where it is there no more. */
export function inputOfJob(
  { env }: Pick<JobSpec, "env">,
  { files }: Pick<Contents, "files">,
): Uint8Array | null {
  const inVariable = env?.["EXTRA_VARS"];
  if (inVariable !== undefined) return new TextEncoder().encode(inVariable);
  return files.find(({ name }) => name === INPUT_FILE)?.content ?? null;
}

/** The folder of its tree that the code of such a job begins in; null for the tree itself. */
export function subdirOf({ workdir = "" }: Pick<JobSpec, "workdir">): string | null {
  return workdir.startsWith("/work/") ? workdir.slice("/work/".length) : null;
}

function given(input: string): Pick<JobSpec, "env" | "files"> {
  if (Buffer.byteLength(input) <= MOST_IN_VARIABLE) return { env: { EXTRA_VARS: input } };
  return {
    env: { EXTRA_VARS_FILE: `/work/${INPUT_FILE}` },
    files: { [INPUT_FILE]: input },
  };
}

function bothResources(runner: JobSpec["resources"], task: JobSpec["resources"]): JobSpec["resources"] {
  if (runner === undefined || task === undefined) return task ?? runner;
  const io = runner.io === undefined && task.io === undefined ? {} : { io: { ...runner.io, ...task.io } };
  return { ...runner, ...task, ...io };
}

/** By name: where both name one, the task says how it is given. */
function bothSecrets(
  runner: JobSpec["secrets"] = [],
  task: JobSpec["secrets"] = [],
): NonNullable<JobSpec["secrets"]> {
  const own = new Set(task.map(({ name }) => name));
  return [...runner.filter(({ name }) => !own.has(name)), ...task];
}
