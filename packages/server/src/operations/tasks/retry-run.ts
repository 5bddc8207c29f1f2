import { isBerthError } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import { deliveriesOf } from "../../core/job/delivery/deliveries-of.ts";
import type { Job, TaskOfJob } from "../../core/job/job.ts";
import { inputOfJob } from "../../core/task/job-of-task.ts";
import type { RetryClaim } from "../../core/task/retry/retries.ts";
import { crashPoint } from "../../lib/crash-point.ts";
import { newId } from "../../lib/ids.ts";
import { asOwner } from "../access/as-owner.ts";
import type { Context } from "../context.ts";
import { NotDue } from "../jobs/submit/not-due.ts";
import { runTask } from "./run-task.ts";

/** A server that is full, or a task that is busy, is asked again after this, for a day. */
const PUT_OFF_MS = 60_000;
const MOST_PUT_OFF_MS = 24 * 60 * 60_000;

/** A run that is due to be made again, as it was found. */
interface Due {
  job: Job;
  task: TaskOfJob;
  claim: RetryClaim;
}

/**
 * Makes a run again that is due: the same version of its task with the same input, as its owner, who must be allowed to by now;
 * nothing where somebody else was faster. Throws where it could not be said what is to come of it: then it stays due.
 */
export async function retryRun(context: Context, id: string): Promise<void> {
  const due = await findDue(context, id);
  if (due === null) return;
  crashPoint("retry-due");
  try {
    await runAgain(context, due);
  } catch (error) {
    if (error instanceof NotDue) return;
    if (!isBerthError(error)) throw error;
    const isLate = context.now() - (due.job.endedAt ?? 0) > MOST_PUT_OFF_MS;
    if (error.retryable && !isLate) return await putOff(context, due, error.message);
    await refuse(context, due, error.message);
  }
  crashPoint("retried");
  await context.store.jobs.dropInputs(id);
}

async function findDue({ store, now }: Context, id: string): Promise<Due | null> {
  const job = await store.jobs.get(id);
  if (!job?.task || !job.retry) return null;
  const { at = Infinity, as, why } = job.retry;
  if (at > now() || as !== undefined || why !== undefined) return null;
  return { job, task: job.task, claim: { job: id, retry: job.retry, from: at } };
}

async function runAgain(context: Context, due: Due): Promise<void> {
  const { job, task, claim } = due;
  const { view } = job.spec;
  const inputs = view.files === undefined ? { files: [] } : await context.store.jobs.inputs(job.id);
  const input = inputOfJob(view, inputs);
  if (input === null) return await refuse(context, due, "its input is not there any more");
  await runTask(context, {
    caller: callerOf(context, job),
    name: task.name,
    version: task.version,
    input,
    idempotencyKey: null,
    words: { ...(job.name !== null && { name: job.name }), labels: job.labels, priority: job.priority },
    origin: `retry ${claim.retry.of ?? job.id}`,
    retries: claim,
  });
}

function callerOf(context: Context, { owner, id }: Job): Caller {
  const credential = { kind: "retry", id } as const;
  return asOwner(context, owner, { door: "retry", credential, address: null, requestId: newId() });
}

async function putOff(context: Context, { job, claim }: Due, why: string): Promise<void> {
  const at = context.now() + PUT_OFF_MS;
  const about = { owner: job.owner, why, retryAt: new Date(at).toISOString() };
  await recorded(context, job, about).retries.putOff(claim, at);
}

/** Who was told that it is to be run again must hear that it is not. */
async function refuse(context: Context, { job, claim }: Due, why: string): Promise<void> {
  const deliveries = deliveriesOf(job, { state: job.state, at: context.now() });
  await recorded(context, job, { owner: job.owner, why }).retries.refuse(claim, { why, deliveries });
  if (deliveries.length > 0) context.deliveries.wake();
}

function recorded({ store, audit }: Context, { id }: Job, about: Record<string, string>) {
  return store.audited(
    audit.ofServer({ verb: "update", resource: "jobs", name: id, outcome: "failed", about }),
  );
}
