import type { Stage } from "./stage.ts";
import { nothingUsed } from "./stages-of-job.ts";

/** A stage before the user's, as it is stored with its job: nothing of it has begun. */
export function newStage(
  named: Pick<Stage, "id" | "jobId" | "kind" | "position" | "isolation"> & { handle: string },
): Stage {
  return {
    ...named,
    state: "queued",
    cause: null,
    startedAt: null,
    endedAt: null,
    exitCode: null,
    signal: null,
    usage: nothingUsed,
    attempt: 0,
  };
}
