import { retry } from "../../lib/retry.ts";
import type { Follower } from "../../logs/log-store.ts";
import type { ReconcilerContext } from "../context.ts";

/** A disk that is full is tried again for as long as the server lives, as for the record of the end: nobody else would. */
export async function finishOutput(
  { clock, report }: ReconcilerContext,
  { follower, what, signal }: { follower: Follower; what: string; signal: AbortSignal },
): Promise<{ stdout: number; stderr: number }> {
  const attempt = async (): Promise<{ stdout: number; stderr: number }> => {
    try {
      return await follower.finish();
    } catch (error) {
      report.fault(`Cannot close the output of ${what}, it is tried again`, error);
      throw error;
    }
  };
  return await retry(attempt, { signal, attempts: Number.POSITIVE_INFINITY, clock });
}
