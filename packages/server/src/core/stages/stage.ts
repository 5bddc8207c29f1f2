import type { Cause, Isolation, StageState, Usage } from "@berth/protocol";
import type { StageKind } from "./kinds.ts";

/** One step of a job's work. It has no owner and no life of its own: both are its job's. Times are epoch milliseconds. */
export interface Stage {
  /** Of the stage that runs the user's code: the job's. */
  id: string;
  jobId: string;
  /** From 0 on, in the order in which they run. */
  position: number;
  kind: StageKind;
  state: StageState;
  cause: Cause | null;
  startedAt: number | null;
  endedAt: number | null;
  exitCode: number | null;
  signal: string | null;
  usage: Usage;
  isolation: Isolation | null;
  /** What the engine needs to find it again; stored before the start. */
  handle: string | null;
  /** How often it was begun: more than once only where it may be repeated. */
  attempt: number;
}

/** Fields that change together with a stage's state. */
export type StageChange = Partial<
  Pick<Stage, "cause" | "startedAt" | "endedAt" | "exitCode" | "signal" | "usage" | "isolation" | "attempt">
>;

/** What an event tells of the stage that it is about. */
export type EventStage = Pick<Stage, "id" | "kind" | "state">;
