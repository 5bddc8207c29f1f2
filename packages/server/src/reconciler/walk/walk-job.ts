import { isTerminal } from "@berth/protocol";
import { type End, endOf, lost } from "../../core/job/end.ts";
import type { Job } from "../../core/job/job.ts";
import { stopCause } from "../../core/cause/stop-cause.ts";
import type { Engine, Exit } from "../../engines/engine.ts";
import { crashPoint } from "../../lib/crash-point.ts";
import type { ReconcilerContext } from "../context.ts";
import { endJob } from "../end/end-job.ts";
import { gatherContacts } from "../end/gather-contacts.ts";
import { gather } from "../end/gather.ts";
import { passedBy, recoverJob, runningAsFound } from "../recovery/recover-job.ts";
import type { RunningJob } from "../supervision/running-job.ts";
import { superviseJob } from "../supervision/supervise-job.ts";
import { launchJob } from "./launch-job.ts";
import { type Prepared, walkStages } from "./walk-stages.ts";
import type { Walk } from "./walk.ts";

/** Takes a job that has a slot from wherever it is to its end. Reads what is, does what is missing. */
export async function walkJob(context: ReconcilerContext, walk: Walk): Promise<void> {
  const job = await take(context, walk);
  if (!job) return;
  const engine = context.engines.get(job.engine);
  const reason = `engine "${job.engine}" is not configured any more`;
  const withoutEngine = failedBy(reason);
  const prepared =
    job.stagesBefore === 0 ? plain(job) : await walkStages(context, job, { engine, withoutEngine, walk });
  if (!prepared) return;
  if (engine) return walkUserStage(context, prepared, { begun: job.begun, engine, walk });
  const end = job.state === "preparing" ? withoutEngine : lost(reason);
  await endJob(context, job, { ...end, signal: walk.signal });
}

/** Nothing comes before a plain command. */
function plain(job: Job & { handle: string }): Prepared {
  return { job, work: { kind: "own" }, leftMs: job.limits.startMs?.value ?? null, wasMissing: false };
}

async function walkUserStage(
  context: ReconcilerContext,
  { job, work, leftMs, wasMissing }: Prepared,
  { begun, engine, walk }: { begun: boolean; engine: Engine; walk: Walk },
): Promise<void> {
  const isNew = walk.fresh || !begun || wasMissing;
  const launched = isNew ? null : await recoverJob(job, { engine, inherited: walk.inherited });
  if (launched?.kind === "lost") {
    return endJob(context, job, {
      ...lost(launched.why),
      passed: passedBy(job, launched),
      signal: walk.signal,
    });
  }
  walk.recovered();
  using running =
    launched?.kind === "found"
      ? runningAsFound(context, job, { ...launched, revisit: walk.revisit })
      : await launchJob(context, job, { engine, walk, work, leftMs });
  if (running) await follow(context, running, { engine, walk });
}

/**
 * The job as `preparing` or later, with its handle, and whether it was `begun` before: what was queued until now nobody
 * can have started. null when there is nothing left to do.
 */
async function take(
  { store, clock }: ReconcilerContext,
  { jobId, storing }: Walk,
): Promise<(Job & { handle: string; begun: boolean }) | null> {
  let job = storing?.job ?? (await store.jobs.get(jobId));
  const begun = job?.state !== "queued";
  if (!begun) job = await store.jobs.transition(jobId, "preparing", { at: clock.now() });
  if (!job || isTerminal(job.state) || job.handle === null) return null;
  return { ...job, handle: job.handle, begun };
}

async function follow(
  context: ReconcilerContext,
  { job, ended, ageMs, stopAgeMs, unrecorded }: RunningJob,
  { engine, walk }: { engine: Engine; walk: Walk },
): Promise<void> {
  const supervision = {
    context,
    engine,
    signal: walk.signal,
    onChange: walk.onChange,
    ended,
    ageMs,
    stopAgeMs,
    unrecorded,
  };
  const { exit, stop, outputBytes } = await superviseJob(job, supervision);
  crashPoint("exited");
  const endedAt = exit.endedAt ?? context.clock.now();
  const startedAt = job.startedAt ?? endedAt;
  const gathered = await gather(context, job, { engine, stdoutBytes: outputBytes.stdout });
  const { resultJson, problems, artifactBytes } = gathered;
  if (exit.hostProblem !== undefined) problems.unshift(exit.hostProblem);
  const contacts = await gatherContacts(context, job, engine);
  const end = endOf(exit, stop);
  const evidence = {
    ...end.cause.evidence,
    ...(exit.usage.pidsRefused ? { pidsRefused: exit.usage.pidsRefused } : {}),
    ...(contacts.refused !== null && { networkRefused: contacts.refused }),
    ...(problems.length > 0 ? { problems: problems.join("; ") } : {}),
  };
  await endJob(context, job, {
    state: end.state,
    cause: { ...end.cause, evidence },
    signal: walk.signal,
    passed: unrecorded(),
    contactRows: contacts.rows,
    artifactBytes,
    change: {
      exitCode: exit.code,
      signal: exit.signal,
      startedAt,
      isolation: job.isolation,
      endedAt: Math.max(endedAt, startedAt),
      deadlineAt: null,
      resultJson,
      ...contacts.change,
      usage: {
        cpuMs: exit.usage.cpuMs,
        wallMs: Math.max(endedAt - startedAt, 0),
        peakMemoryBytes: exit.usage.peakMemoryBytes,
        outputBytes: outputBytes.stdout + outputBytes.stderr,
        ...(discards(job) && { outputDropped: droppedBytes(exit) }),
      },
    },
  });
}

function droppedBytes({ output: { dropped } }: Exit): number | null {
  return dropped && dropped.stdout + dropped.stderr;
}

function discards({ limits }: Job): boolean {
  return limits.overflow === "discard" && limits.outputBytes.value > 0;
}

function failedBy(reason: string): End {
  return { state: "failed", cause: stopCause.engineFailed(reason) };
}
