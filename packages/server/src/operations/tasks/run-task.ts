import { createHash } from "node:crypto";
import { operations, type RunnerSpec, type TaskSpec } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { TaskOfJob } from "../../core/job/job.ts";
import { requestInvalid } from "../../core/input/check.ts";
import { jobOfTask, type RunWords } from "../../core/task/job-of-task.ts";
import { type Source, sourceOf } from "../../core/task/source.ts";
import type { Context } from "../context.ts";
import { stopReplaced } from "./stop-replaced.ts";
import { demandUsable } from "./definitions/demand-usable.ts";
import { findDefinition, type Known } from "./definitions/find-definition.ts";
import { asOf } from "./definitions/get-definition.ts";
import { notFound } from "./definitions/kinds.ts";
import type { Submitted } from "../jobs/submit/within-quota.ts";
import { submitJob } from "../jobs/submit-job.ts";
import { checkedInput } from "./validate/checked-input.ts";
import type { DueClaim } from "../../core/task/schedules.ts";
import type { RetryClaim } from "../../core/task/retry/retries.ts";
import type { SignedMessage } from "../../core/task/webhook-signature.ts";

export interface RunRequest {
  caller: Caller;
  name: string;
  /** As it came. */
  input: Uint8Array;
  /** Default: as the task is. */
  version?: number | undefined;
  /** With it the run is stored at most once. What no header can hold is nobody's but the server's own: `schedule\nnightly\n...`. */
  idempotencyKey: string | null;
  /** What the run says of itself. */
  words?: RunWords | undefined;
  /** What asked for it, as records have it, where nobody did at a door: `schedule nightly`. */
  origin?: string | undefined;
  /** The instant of a schedule that it is the run of: taken with the job, which else is not stored. */
  due?: DueClaim | undefined;
  /** The call of a webhook that it comes of: taken with the job, which else is not stored. */
  message?: SignedMessage | undefined;
  /** The run that it is made again of: taken with the job, which else is not stored. */
  retries?: RetryClaim | undefined;
}

export interface Run extends Submitted {
  task: Known<"task">;
}

/**
 * Runs a task with an input, as a job of the caller's, who needs no other right than to execute it, unless it names a version
 * that is not in force: then all that putting it in force takes. Throws TASK_NOT_FOUND, FORBIDDEN, VERSION_NOT_FOUND,
 * INPUT_INVALID, SCHEMA_SLOW, TASK_BUSY, and what a rollback and a job that is submitted do.
 */
export async function runTask(
  context: Context,
  { caller, name, input, words, origin, due, message, retries, ...request }: RunRequest,
): Promise<Run> {
  const asked = { caller, kind: "task" as const, name };
  const found = await findDefinition(context, asked, operations.runTask.permission);
  const { version = found.version } = request;
  if (version !== found.version) await findDefinition(context, asked, operations.updateTask.permission);
  const task = await asOf(context, "task", { found, version });
  // What was taken out of the task since is for those alone who could put it back.
  if (version !== found.version) await demandUsable(context, { caller, kind: "task", spec: task.spec });
  const runner = await runnerOf(context, task.spec.runner);
  const text = await checkedInput(context, { caller, task, input });
  const spec = jobOfTask({ runner: runner.spec, task: task.spec, words }, text);
  const submitted = await submitJob(context, {
    caller,
    spec,
    idempotencyKey: request.idempotencyKey,
    run: {
      ...placeOf(runner.spec),
      task: { name, version: task.version, runnerVersion: runner.version, ...roomOf(task.spec) },
      callbacks: task.spec.callbacks?.length ? task.spec.callbacks : null,
      next: task.spec.concurrency?.next === "refuse" ? "refuse" : "queue",
      requestHash: () => hashOf({ name, version: request.version ?? null, words }, input),
      origin,
      due,
      message,
      retries,
    },
  });
  const { job, replayed } = submitted;
  // What is made again takes nobody's place: those that go on are newer.
  const replaces = task.spec.concurrency?.next === "replace" && retries === undefined;
  if (replaces && !replayed && job.task?.room?.waits === true) await stopReplaced(context, { caller, job });
  return { ...submitted, task };
}

function roomOf({ concurrency }: TaskSpec): Pick<TaskOfJob, "room"> {
  return concurrency === undefined ? {} : { room: { most: concurrency.most, waits: false } };
}

/** Where the code comes from, and what it runs in: of what was stored nothing of it is wrong. */
function placeOf(spec: RunnerSpec): { source: Source | null; image: string | null } {
  const read = sourceOf(spec);
  if ("problems" in read) throw requestInvalid(read.problems);
  return { source: read.source, image: spec.image ?? null };
}

/** Of a version of long ago the runner may be another, or gone. */
async function runnerOf({ store }: Context, name: string): Promise<Known<"runner">> {
  const found = await store.definitions.get("runner", name);
  if (found === null) throw notFound("runner", name);
  return { ...found, spec: JSON.parse(found.spec) as Known<"runner">["spec"] };
}

/** What is left out is as if nobody had ever asked for it. */
function hashOf(
  { name, version, words }: { name: string; version: number | null; words: RunWords | undefined },
  input: Uint8Array,
): string {
  return createHash("sha256")
    .update(JSON.stringify(["run", name, version, ...(words === undefined ? [] : [words])]))
    .update(input)
    .digest("hex");
}
