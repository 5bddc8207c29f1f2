import { isBerthError } from "@berth/protocol";
import { type Engine, EngineError, type Launch, type Started } from "../../engines/engine.ts";
import { crashPoint } from "../../lib/crash-point.ts";
import { retry, type RetryOptions } from "../../lib/retry.ts";
import type { ReconcilerContext } from "../context.ts";
import { startSignal } from "./start-signal.ts";
import type { Storing } from "./storing.ts";
import type { Walk } from "./walk.ts";

const launchAttempts = 3;

/**
 * Prepares and starts something on an engine. Infrastructure faults are tried again with back-off until the start timeout,
 * of which `leftMs` are left (null: there is none), or until the job is asked to stop; what was started is never started twice. Throws StartTimeout,
 * StopAsked, EngineError; whatever it throws where the job was not stored, nothing is left of it.
 */
export async function startWorkload(
  context: ReconcilerContext,
  {
    engine,
    prepare,
    leftMs,
    walk,
  }: {
    engine: Engine;
    prepare: (signal: AbortSignal) => Promise<Launch>;
    leftMs: number | null;
    walk: Walk;
  },
): Promise<Started> {
  using held = startSignal(context, { walk, leftMs });
  const { signal } = held;
  // A database that was lost comes back, or the start timeout comes: until then nothing has started.
  const patience = { signal, attempts: Infinity, retryable: isStoreFault, clock: context.clock };
  return await retry(
    async () => {
      const launch = await retry(() => prepare(signal), patience);
      await retry(() => context.store.owned(), patience);
      crashPoint("prepared");
      if (walk.storing === null) return await engine.start(launch, signal);
      const stored = onceStored(context, walk.storing, patience);
      // Whoever starts it may give up before that.
      stored.catch(() => undefined);
      return await engine.start({ ...launch, stored }, signal);
    },
    {
      signal,
      attempts: launchAttempts,
      retryable: (error) => error instanceof EngineError && error.retryable,
      clock: context.clock,
    },
  );
}

/** What of a start has to come after the job is stored: its files, as a sweep would take them for nobody's. */
async function onceStored(
  { store, logs }: ReconcilerContext,
  { job, stored }: Storing,
  patience: RetryOptions,
): Promise<void> {
  await stored;
  await retry(() => store.owned(), patience);
  await logs.create(job.id);
}

function isStoreFault(error: unknown): boolean {
  return isBerthError(error) && (error.code === "DATABASE_UNAVAILABLE" || error.code === "STORAGE_FAILED");
}
