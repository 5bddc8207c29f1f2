import { setImmediate as nextTurn } from "node:timers/promises";
import { isTerminal } from "@berth/protocol";
import type { JobChange, Job } from "../../core/job/job.ts";
import { deliveriesOf } from "../../core/job/delivery/deliveries-of.ts";
import type { Contact } from "../../core/network/contact.ts";
import { aboutUserStage } from "../../core/stages/event-stage.ts";
import type { EventStage } from "../../core/stages/stage.ts";
import type { End } from "../../core/job/end.ts";
import type { Audited } from "../../audit/audit.ts";
import { crashPoint } from "../../lib/crash-point.ts";
import { retry } from "../../lib/retry.ts";
import type { PassedState } from "../../store/store.ts";
import type { ReconcilerContext } from "../context.ts";
import { toldOfRetry } from "../../core/task/retry/retry-at-end.ts";
import { closeOutput, closeSkipped } from "./close-output.ts";
import { retryOfJob } from "./retry-of-job.ts";

export interface EndOptions {
  /** What was seen of a job that was watched to its end; without it the job's output is closed here. */
  change?: JobChange;
  /** Its start, when that has not been recorded yet. */
  passed?: PassedState | null;
  /** What it reached and was refused, to be stored with the end. */
  contactRows?: readonly Contact[];
  /** What was kept of its files. Default: nothing. */
  artifactBytes?: number;
  /** The stage that decided; left out where that is the user's. */
  stage?: EventStage;
  /** Of a job that another server had claimed, which is gone. Default false. */
  claims?: boolean;
  signal: AbortSignal;
}

/**
 * Writes a job's terminal state, then removes what it used. A database that cannot be written is tried again for as
 * long as the server lives; after a restart the reconciler finds the same ending and writes it then.
 */
export async function endJob(context: ReconcilerContext, job: Job, end: End & EndOptions): Promise<void> {
  const { store, clock, report } = context;
  const endedAt = end.change?.endedAt ?? clock.now();
  const seen = end.change ?? { usage: { ...job.usage, outputBytes: await closeOutput(context, job.id) } };
  const passed = end.passed ?? null;
  const start = passed === null ? {} : { startedAt: passed.at };
  const about = end.stage ? { stage: end.stage } : aboutUserStage(job, end.state);
  const rows = end.contactRows === undefined ? {} : { contactRows: end.contactRows };
  const audit = context.audit.ofServer(recordOfEnd(job, end));
  const deliveries = deliveriesOf(job, { state: end.state, at: endedAt });
  const patience = { signal: end.signal, attempts: Number.POSITIVE_INFINITY, clock };
  const begun = (seen.startedAt ?? passed?.at ?? job.startedAt) !== null;
  const again = await retry(() => retryOfJob(context, job, { end, endedAt, begun }), patience);
  const change = {
    ...start,
    ...seen,
    at: endedAt,
    endedAt,
    cause: again === null ? end.cause : toldOfRetry(end.cause, again),
    ...(again !== null && { retry: again }),
    passed,
    ...rows,
    leftBytes: (seen.usage?.outputBytes ?? 0) + (end.artifactBytes ?? 0),
    ...about,
    ...(end.claims === true && { claims: true }),
    ...(deliveries.length > 0 && { deliveries }),
    audit,
  };
  const ended = await retry(() => store.jobs.transition(job.id, end.state, change), patience);
  crashPoint("recorded");
  if (deliveries.length > 0) context.deliveriesDue?.();
  if (ended === null && (await retry(() => goesOn(context, job.id), patience))) {
    report.fault(`Cannot end job "${job.id}"`, new Error("another server has claimed it"));
    return;
  }
  // Who came in between has seen a job that goes on, and output that nobody follows.
  if (!end.change) await closeOutput(context, job.id);
  if (job.stagesBefore > 0) await closeSkipped(context, job);
  if (ended && passed !== null) report.jobStarted(ended);
  if (ended) report.jobEnded(ended);
  if (ended?.retry?.at !== undefined) context.retriesDue?.();
  // Those who waited for this are answered first.
  await nextTurn();
  await cleanUp(context, ended ?? job);
}

/** What is known for good of how it ended. */
export function recordOfEnd(
  { id, owner }: Pick<Job, "id" | "owner">,
  { state, cause }: Pick<End, "state" | "cause">,
): Audited {
  return { verb: "end", resource: "jobs", name: id, about: { owner, state, cause: cause?.code ?? null } };
}

/** It has not ended, and this server may not end it: what it uses, and its inputs, are somebody else's to remove. */
async function goesOn({ store }: ReconcilerContext, jobId: string): Promise<boolean> {
  const now = await store.jobs.get(jobId);
  return now !== null && !isTerminal(now.state);
}

/** Removes what the job used on the host. What fails here is found and removed by a sweep. */
async function cleanUp({ engines, store, report }: ReconcilerContext, job: Job): Promise<void> {
  try {
    const engine = engines.get(job.engine);
    if (job.handle !== null) await engine?.destroy(job.handle);
    // The first last: its folder was that of all.
    const stages = job.stagesBefore === 0 ? [] : await store.stages.list(job.id);
    for (const { handle } of stages.toReversed()) if (handle !== null) await engine?.destroy(handle);
  } catch (error) {
    report.fault(`Cannot clean up after job "${job.id}"`, error);
  }
  try {
    const { files, stdin, archive } = job.spec.view;
    // A run that is made again takes them over, and drops them then.
    if (job.retry?.at !== undefined) return;
    if (files !== undefined || stdin !== undefined || archive !== undefined)
      await store.jobs.dropInputs(job.id);
  } catch (error) {
    report.fault(`Cannot forget the inputs of job "${job.id}"`, error);
  }
}
