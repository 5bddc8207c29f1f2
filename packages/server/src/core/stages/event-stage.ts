import type { StageState } from "@berth/protocol";
import type { Job } from "../job/job.ts";
import type { EventStage, Stage } from "./stage.ts";

/** What an event of a job says of the user's stage; nothing where that is the only one. */
export function aboutUserStage(
  { id, stagesBefore }: Pick<Job, "id" | "stagesBefore">,
  state: StageState,
): { stage?: EventStage } {
  return stagesBefore === 0 ? {} : { stage: { id, kind: "command", state } };
}

/** The same of a stage before it. */
export function aboutStage(
  { id, kind }: Pick<Stage, "id" | "kind">,
  state: StageState,
): { stage: EventStage } {
  return { stage: { id, kind, state } };
}
