import type { Cause, JobState } from "@berth/protocol";
import { hasEnded } from "./find-stage.ts";
import { isInfrastructure } from "./kinds.ts";
import type { Stage } from "./stage.ts";

/** What decides a job's state: the first stage that has not succeeded, else the last. */
export interface Decided {
  state: JobState;
  /** Of the stage that decided; null while the job goes on. */
  cause: Cause | null;
  by: Stage;
}

/** The state of a job as it follows from its stages, in their order, the user's among them. */
export function jobStateOf(stages: readonly Stage[]): Decided {
  const last = stages.at(-1);
  if (last === undefined) throw new Error("A job has at least one stage");
  const by = stages.find(({ state }) => state !== "succeeded") ?? last;
  const state = isInfrastructure(by.kind) ? whilePreparing(by) : asJob(by, stages[0] === by);
  return { state, cause: hasEnded(by) ? by.cause : null, by };
}

/** Whatever happens before the user's stage prepares the job, but for what ends it. */
function whilePreparing({ state, position }: Stage): JobState {
  switch (state) {
    case "running":
    case "succeeded":
    case "skipped":
      return "preparing";
    case "queued":
      return position === 0 ? "queued" : "preparing";
    default:
      return state;
  }
}

function asJob({ state }: Stage, isFirst: boolean): JobState {
  if (state === "skipped") throw new Error("A stage is skipped only where one before it has not succeeded");
  return state === "queued" && !isFirst ? "preparing" : state;
}
