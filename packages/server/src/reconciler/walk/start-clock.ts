import type { Job } from "../../core/job/job.ts";
import type { Stage } from "../../core/stages/stage.ts";
import type { Clock } from "../../lib/clock.ts";

/**
 * The start timeout of a job, which is for everything before the user's code runs: ms that are left of it by now, null
 * where it has none. What stages took under an earlier server counts, as far as the wall clock tells.
 */
export function startClock(
  { limits }: Pick<Job, "limits">,
  stages: readonly Pick<Stage, "startedAt">[],
  clock: Clock,
): () => number | null {
  const { startMs } = limits;
  if (startMs === null) return () => null;
  const begunAt = stages[0]?.startedAt ?? clock.now();
  const passedMs = Math.max(clock.now() - begunAt, 0);
  const overAt = clock.monotonic() + startMs.value - passedMs;
  return () => Math.max(overAt - clock.monotonic(), 0);
}
