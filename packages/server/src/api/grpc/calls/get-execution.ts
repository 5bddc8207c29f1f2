import type { ExecutionIdRequest, ExecutionInfoReply } from "@berth/protocol/executor";
import type { Context } from "../../../operations/context.ts";
import type { Caller } from "../caller.ts";
import { targetOf } from "../messages/target.ts";
import { awaitedExecution } from "./awaited-execution.ts";

export async function getExecution(
  context: Context,
  request: ExecutionIdRequest,
  caller: Caller,
): Promise<ExecutionInfoReply> {
  const { id } = targetOf(request, caller);
  return awaitedExecution(context, { id, waitMs: request.waitMs }, caller);
}
