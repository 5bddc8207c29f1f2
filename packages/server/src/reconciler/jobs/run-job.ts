import { isTerminal } from "@berth/protocol";
import { endOf, lost } from "../../core/end.ts";
import type { Job } from "../../core/job.ts";
import { stopCause } from "../../core/stop-cause.ts";
import type { Engine, Exit, Recovered } from "../../engines/engine.ts";
import { crashPoint } from "../../lib/crash-point.ts";
import type { PassedState } from "../../store/store.ts";
import type { ReconcilerContext } from "../context.ts";
import { endJob } from "./end-job.ts";
import { gather } from "./gather.ts";
import type { JobRun } from "./job-run.ts";
import { launchJob } from "./launch-job.ts";
import { runningSince, takenUp, type RunningJob } from "./running-job.ts";
import { superviseJob } from "./supervise-job.ts";

/** Takes a job that has a slot from wherever it is to its end. Reads what is, does what is missing. */
export async function runJob(context: ReconcilerContext, run: JobRun): Promise<void> {
  const job = await take(context, run.jobId);
  if (!job) return;
  const engine = context.engines.get(job.engine);
  if (!engine) {
    const reason = `engine "${job.engine}" is not configured any more`;
    const end = job.state === "preparing" ? failedBy(reason) : lost(reason);
    return endJob(context, job, { ...end, signal: run.signal });
  }
  const launched = run.fresh || !job.begun ? null : await recover(job, engine, run.inherited);
  if (launched?.kind === "lost") {
    return endJob(context, job, {
      ...lost(launched.why),
      passed: passedBy(job, launched),
      signal: run.signal,
    });
  }
  run.recovered();
  using running =
    launched?.kind === "found"
      ? found(context, job, { ...launched, run })
      : await launchJob(context, job, { engine, run });
  if (running) await follow(context, running, { engine, run });
}

/** The server may have died before it recorded the start: then the job has no deadline yet. */
function found(
  context: ReconcilerContext,
  job: Job & { handle: string },
  { startedAt, run, ...ages }: Omit<Extract<Recovered, { kind: "found" }>, "kind"> & { run: JobRun },
): RunningJob {
  if (job.startedAt !== null) return takenUp(job, ages);
  const at = startedAt ?? context.clock.now();
  return runningSince(context, job, { startedAt: at, ...ages, revisit: run.revisit });
}

/** That it ran, where nobody has recorded that. */
function passedBy(job: Job, { startedAt }: { startedAt: number | null }): PassedState | null {
  return job.startedAt === null && startedAt !== null ? { state: "running", at: startedAt } : null;
}

/**
 * The job as `preparing` or later, with its handle, and whether it was `begun` before: what was queued until now nobody
 * can have started. null when there is nothing left to do.
 */
async function take(
  { store, clock }: ReconcilerContext,
  jobId: string,
): Promise<(Job & { handle: string; begun: boolean }) | null> {
  let job = await store.jobs.get(jobId);
  const begun = job?.state !== "queued";
  if (!begun) job = await store.jobs.transition(jobId, "preparing", { at: clock.now() });
  if (!job || isTerminal(job.state) || job.handle === null) return null;
  return { ...job, handle: job.handle, begun };
}

/** What became of a job that an earlier server had begun. Only a job that never reached the runtime is started. */
async function recover(
  job: Job & { handle: string },
  engine: Engine,
  inherited: boolean,
): Promise<Extract<Recovered, { kind: "found" | "lost" }> | null> {
  const recovered = await engine.recover(job.handle);
  if (recovered.kind === "found" || recovered.kind === "lost") return recovered;
  const mayHaveRun = recovered.kind === "forgotten" && inherited;
  if (mayHaveRun) return { kind: "lost", startedAt: null, why: "the host was restarted meanwhile" };
  if (job.state === "preparing" || (job.state === "stopping" && job.startedAt === null)) return null;
  return { kind: "lost", startedAt: null, why: "it was running, and nothing of it is left on the host" };
}

async function follow(
  context: ReconcilerContext,
  { job, ended, ageMs, stopAgeMs, unrecorded }: RunningJob,
  { engine, run }: { engine: Engine; run: JobRun },
): Promise<void> {
  const supervision = {
    context,
    engine,
    signal: run.signal,
    onChange: run.onChange,
    ended,
    ageMs,
    stopAgeMs,
    unrecorded,
  };
  const { exit, stop, outputBytes } = await superviseJob(job, supervision);
  crashPoint("exited");
  const endedAt = exit.endedAt ?? context.clock.now();
  const startedAt = job.startedAt ?? endedAt;
  const { resultJson, problems } = await gather(context, job, { engine, stdoutBytes: outputBytes.stdout });
  if (exit.hostProblem !== undefined) problems.unshift(exit.hostProblem);
  const end = endOf(exit, stop);
  const evidence = {
    ...end.cause.evidence,
    ...(exit.usage.pidsRefused ? { pidsRefused: exit.usage.pidsRefused } : {}),
    ...(problems.length > 0 ? { problems: problems.join("; ") } : {}),
  };
  await endJob(context, job, {
    state: end.state,
    cause: { ...end.cause, evidence },
    signal: run.signal,
    passed: unrecorded(),
    change: {
      exitCode: exit.code,
      signal: exit.signal,
      startedAt,
      isolation: job.isolation,
      endedAt: Math.max(endedAt, startedAt),
      deadlineAt: null,
      resultJson,
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

function failedBy(reason: string): { state: "failed"; cause: ReturnType<typeof stopCause.engineFailed> } {
  return { state: "failed", cause: stopCause.engineFailed(reason) };
}
