import type { ExecutionIdRequest, ExecutionInfoReply } from "@berth/protocol/executor";
import type { Context } from "../../../operations/context.ts";
import { getJob } from "../../../operations/jobs/get-job.ts";
import type { Caller } from "../caller.ts";
import { executionInfo } from "../messages/execution-info.ts";
import { targetOf } from "../messages/target.ts";

export async function getExecution(
  context: Context,
  request: ExecutionIdRequest,
  caller: Caller,
): Promise<ExecutionInfoReply> {
  return executionInfo(await getJob(context, targetOf(request, caller)));
}
