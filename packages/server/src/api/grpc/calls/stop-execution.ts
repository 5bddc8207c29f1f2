import { create } from "@bufbuild/protobuf";
import { isTerminal, outcomeCodes } from "@berth/protocol";
import {
  type ExecutionIdRequest,
  type StopCommandReply,
  StopCommandReply_StopStatus as StopStatus,
  StopCommandReplySchema,
} from "@berth/protocol/executor";
import type { Job } from "../../../core/job/job.ts";
import type { Context } from "../../../operations/context.ts";
import { stopJob } from "../../../operations/jobs/stop-job.ts";
import { waitForEnd } from "../../../operations/jobs/wait-for-end.ts";
import type { AdmittedCall } from "../admitted-call.ts";
import { causeMessage, executionId, timeOrNone } from "../messages/execution-info.ts";
import { executionExitCode } from "../messages/execution-status.ts";
import { targetOf } from "../messages/target.ts";
import { longestTimerMs } from "./awaited-execution.ts";

export async function stopExecution(
  context: Context,
  request: ExecutionIdRequest,
  call: AdmittedCall,
): Promise<StopCommandReply> {
  const target = targetOf(request, call);
  const asked = await stopJob(context, { ...target, graceMs: request.graceMs ?? null });
  if (isTerminal(asked.state)) return stopReply(asked);
  const job = await waitForEnd(context, { ...target, timeoutMs: longestTimerMs, signal: call.signal });
  call.signal.throwIfAborted();
  return stopReply(job);
}

function stopReply(job: Job): StopCommandReply {
  const wasKilled = job.cause?.code === "stopped" && job.cause.evidence["forced"] === true;
  const endedAt = timeOrNone(job.endedAt);
  return create(StopCommandReplySchema, {
    executionId: executionId(job.id),
    status: wasKilled ? StopStatus.KILLED : StopStatus.STOPPED,
    // Not optional on this wire; a job that has not ended is not answered here.
    exitCode: executionExitCode(job) ?? outcomeCodes.endedByBerth,
    state: job.state,
    ...(job.cause && { cause: causeMessage(job.cause) }),
    signal: job.signal ?? "",
    ...(endedAt && { endedAt }),
  });
}
