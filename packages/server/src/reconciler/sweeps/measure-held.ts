import type { ReconcilerContext } from "../context.ts";

/** What the output and the artifacts of each job take of the disk, also of jobs that are not known any more. */
export async function measureHeld(
  { logs, artifacts }: Pick<ReconcilerContext, "logs" | "artifacts">,
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const held = new Map<string, number>();
  for (const entries of [logs.list(), artifacts.held()]) {
    for await (const { jobId, bytes } of entries) {
      if (signal.aborted) return held;
      held.set(jobId, (held.get(jobId) ?? 0) + bytes);
    }
  }
  return held;
}
