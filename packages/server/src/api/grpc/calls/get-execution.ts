import type { ExecutionIdRequest, ExecutionInfoReply } from "@berth/protocol/executor";
import type { Context } from "../../../operations/context.ts";
import type { AdmittedCall } from "../admitted-call.ts";
import { targetOf } from "../messages/target.ts";
import { awaitedExecution } from "./awaited-execution.ts";

export async function getExecution(
  context: Context,
  request: ExecutionIdRequest,
  call: AdmittedCall,
): Promise<ExecutionInfoReply> {
  const { id } = targetOf(request, call);
  return awaitedExecution(context, { id, waitMs: request.waitMs }, call);
}
