import { isBerthError } from "@berth/protocol";
import type { Job } from "../../core/job.ts";
import { stopCause } from "../../core/stop-cause.ts";
import { type Engine, EngineError, type Started } from "../../engines/engine.ts";
import { crashPoint } from "../../lib/crash-point.ts";
import { retry } from "../../lib/retry.ts";
import { deadlineSignal, joinSignals } from "../../lib/signals.ts";
import type { ReconcilerContext } from "../context.ts";
import { endJob } from "../end/end-job.ts";
import { prepare } from "./prepare/prepare.ts";
import type { Walk } from "./walk.ts";
import { runningSince, type RunningJob } from "../supervision/running-job.ts";

const launchAttempts = 3;
const noTimeoutMs = 24 * 60 * 60 * 1000;

class StartTimeout extends Error {
  override readonly name = "StartTimeout";
}

/**
 * Prepares and starts a job and records it as running. Infrastructure faults are tried again with back-off until the
 * start timeout; user code is never started twice. null when the job has ended instead.
 */
export async function launchJob(
  context: ReconcilerContext,
  job: Job & { handle: string },
  { engine, walk }: { engine: Engine; walk: Walk },
): Promise<RunningJob | null> {
  if (job.stop) {
    await endJob(context, job, { state: "canceled", cause: job.stop.cause, signal: walk.signal });
    return null;
  }
  let started: Started;
  try {
    started = await start(context, job, { engine, walk });
  } catch (error) {
    if (walk.signal.aborted) throw error;
    await endJob(context, job, { ...whyNot(context, job, error), signal: walk.signal });
    return null;
  }
  crashPoint("spawned");
  const { isolation } = started;
  const startedAt = context.clock.now();
  return runningSince(
    context,
    { ...job, isolation },
    { startedAt, ended: false, ageMs: null, revisit: walk.revisit },
  );
}

async function start(
  context: ReconcilerContext,
  job: Job & { handle: string },
  { engine, walk }: { engine: Engine; walk: Walk },
): Promise<Started> {
  using deadline = deadlineSignal(
    job.limits.startMs?.value ?? noTimeoutMs,
    new StartTimeout("The start timeout is over"),
    context.clock,
  );
  using joined = joinSignals(walk.signal, deadline.signal);
  const { signal } = joined;
  // A database that was lost comes back, or the start timeout comes: until then nothing has started.
  const patience = { signal, attempts: Infinity, retryable: isStoreFault, clock: context.clock };
  return await retry(
    async () => {
      const launch = await retry(() => prepare(context, job), patience);
      await retry(() => context.store.owned(), patience);
      crashPoint("prepared");
      return engine.start(launch, signal);
    },
    {
      signal,
      attempts: launchAttempts,
      retryable: (error) => error instanceof EngineError && error.retryable,
      clock: context.clock,
    },
  );
}

function isStoreFault(error: unknown): boolean {
  return isBerthError(error) && (error.code === "DATABASE_UNAVAILABLE" || error.code === "STORAGE_FAILED");
}

function whyNot(
  context: ReconcilerContext,
  job: Job,
  error: unknown,
): { state: "failed"; cause: ReturnType<typeof stopCause.engineFailed> } {
  const { startMs } = job.limits;
  if (error instanceof StartTimeout && startMs)
    return { state: "failed", cause: stopCause.startTimeout(startMs) };
  if (error instanceof EngineError && error.blame === "job") {
    return { state: "failed", cause: stopCause.commandFailed(error.message, error.programFound) };
  }
  context.report.fault(`Cannot start job "${job.id}"`, error);
  const reason = error instanceof EngineError ? error.message : "unexpected fault, see the server's log";
  return { state: "failed", cause: stopCause.engineFailed(reason) };
}
