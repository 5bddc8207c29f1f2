import { isTerminal } from "@berth/protocol";
import { abortable } from "../../lib/signals.ts";
import type { Context } from "../context.ts";

/**
 * Resolves when the end of a job is stored, or the job is gone: whoever asks for it from then on is told its final state.
 * Rejects with the signal's reason. Nothing is polled.
 */
export async function endStored(
  { store }: Context,
  { id, signal }: { id: string; signal: AbortSignal },
): Promise<void> {
  const stored = Promise.withResolvers<void>();
  const look = async (): Promise<void> => {
    const now = await store.jobs.state(id);
    if (now === null || isTerminal(now)) stored.resolve();
  };
  const unsubscribe = store.subscribe(id, () => void look().catch(stored.reject));
  try {
    // It may have been stored before the subscription.
    await look();
    await abortable(stored.promise, signal);
  } finally {
    unsubscribe();
  }
}
