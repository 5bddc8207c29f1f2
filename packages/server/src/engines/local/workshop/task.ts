import type { Collected, CollectRequest } from "../../engine.ts";
import type { Program } from "../bundle/resolve-program.ts";
import type { Furnishing } from "../work/furnish.ts";

/** Work whose size a user chose, as it crosses to the thread that does it. */
export type Task =
  | { kind: "furnish"; furnishing: Furnishing }
  | { kind: "collect"; work: string; request: CollectRequest };

export interface TaskResults {
  furnish: Program;
  collect: Collected;
}

/** An error of the thread: what of it can be told over there. */
export interface TaskFailure {
  message: string;
  code: string | undefined;
  /** Of an EngineError; null of any other. */
  engine: { blame: "job" | "engine"; retryable: boolean } | null;
}

/** A task, or the question whether anybody is there. */
export type TaskRequest = { number: number; task: Task } | "ping";

export type TaskReply =
  | "pong"
  | { number: number; kind: "done"; result: TaskResults[Task["kind"]] }
  | { number: number; kind: "failed"; failure: TaskFailure };
