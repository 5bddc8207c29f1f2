import { isBerthError } from "@berth/protocol";
import { type Engine, EngineError, type Launch, type Started } from "../../engines/engine.ts";
import { crashPoint } from "../../lib/crash-point.ts";
import { retry } from "../../lib/retry.ts";
import { deadlineSignal, joinSignals } from "../../lib/signals.ts";
import type { ReconcilerContext } from "../context.ts";

const launchAttempts = 3;
const noTimeoutMs = 24 * 60 * 60 * 1000;

/** The clock of everything before the user's code has run out. */
export class StartTimeout extends Error {
  override readonly name = "StartTimeout";
}

/** One for all: made anew it would take the look of the stack with it, for each job. */
const startTimeout = new StartTimeout("The start timeout is over");

/**
 * Prepares and starts something on an engine. Infrastructure faults are tried again with back-off until the start timeout,
 * of which `leftMs` are left (null: there is none); what was started is never started twice. Throws StartTimeout, EngineError.
 */
export async function startWorkload(
  context: ReconcilerContext,
  {
    engine,
    prepare,
    leftMs,
    signal: goingDown,
  }: {
    engine: Engine;
    prepare: () => Promise<Launch>;
    leftMs: number | null;
    /** Aborted when the server goes down. */
    signal: AbortSignal;
  },
): Promise<Started> {
  using deadline = deadlineSignal(leftMs ?? noTimeoutMs, startTimeout, context.clock);
  using joined = joinSignals(goingDown, deadline.signal);
  const { signal } = joined;
  // A database that was lost comes back, or the start timeout comes: until then nothing has started.
  const patience = { signal, attempts: Infinity, retryable: isStoreFault, clock: context.clock };
  return await retry(
    async () => {
      const launch = await retry(prepare, patience);
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
