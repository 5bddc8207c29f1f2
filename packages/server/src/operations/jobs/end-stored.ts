import { isTerminal } from "@berth/protocol";
import { hasEnded } from "../../core/stages/find-stage.ts";
import { abortable } from "../../lib/signals.ts";
import type { Context } from "../context.ts";

interface Awaited {
  id: string;
  signal: AbortSignal;
}

/**
 * Resolves when the end of a job is stored, or the job is gone: whoever asks for it from then on is told its final state.
 * Rejects with the signal's reason. Nothing is polled.
 */
export async function endStored({ store }: Context, { id, signal }: Awaited): Promise<void> {
  await untilSo(store, { jobId: id, signal }, async () => {
    const now = await store.jobs.state(id);
    return now === null || isTerminal(now);
  });
}

/** The same of a stage before the user's; the end of its job is the end of one that was never begun. */
export async function stageEndStored({ store }: Context, { id, signal }: Awaited): Promise<void> {
  const stage = await store.stages.get(id);
  if (!stage) return;
  await untilSo(store, { jobId: stage.jobId, signal }, async () => {
    const [state, now] = [await store.jobs.state(stage.jobId), await store.stages.get(id)];
    return state === null || !now || isTerminal(state) || hasEnded(now);
  });
}

async function untilSo(
  store: Context["store"],
  { jobId, signal }: { jobId: string; signal: AbortSignal },
  isSo: () => Promise<boolean>,
): Promise<void> {
  const stored = Promise.withResolvers<void>();
  const look = async (): Promise<void> => {
    if (await isSo()) stored.resolve();
  };
  const unsubscribe = store.subscribe(jobId, () => void look().catch(stored.reject));
  try {
    // It may have been stored before the subscription.
    await look();
    await abortable(stored.promise, signal);
  } finally {
    unsubscribe();
  }
}
