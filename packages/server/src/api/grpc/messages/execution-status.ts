import { outcomeCode } from "@berth/protocol";
import { ExecutionInfoReply_ExecutionStatus as ExecutionStatus } from "@berth/protocol/executor";
import type { Job } from "../../../core/job/job.ts";

/** A job's state in the words of the wire. */
export function executionStatus({ state, cause, startedAt }: Job): ExecutionStatus {
  switch (state) {
    case "queued":
    case "preparing":
      return ExecutionStatus.NOT_STARTED;
    case "running":
    case "stopping":
      return ExecutionStatus.RUNNING;
    case "succeeded":
      return ExecutionStatus.FINISHED;
    case "canceled":
      return ExecutionStatus.ABORTED;
    case "failed":
      if (cause?.code === "exit") return ExecutionStatus.FINISHED;
      // Also a program that does not exist: the host was ready, and nothing ran.
      return startedAt === null || cause?.code === "command_failed"
        ? ExecutionStatus.NOT_STARTED
        : ExecutionStatus.ABORTED;
    case "lost":
      return startedAt === null ? ExecutionStatus.NOT_STARTED : ExecutionStatus.ABORTED;
    default:
      return state satisfies never;
  }
}

/**
 * As a shell tells it, and never 0 for what did not succeed: clients of the original design look at nothing else.
 * undefined until it has ended.
 */
export function executionExitCode(job: Job): number | undefined {
  return outcomeCode(job) ?? undefined;
}
