import type { ExecutionIdRequest, ExecutionInfoReply } from "@berth/protocol/executor";
import type { Context } from "../../../operations/context.ts";
import type { AdmittedCall } from "../admitted-call.ts";
import type { LargeInfos } from "../large/large-infos.ts";
import { targetOf } from "../messages/target.ts";
import { awaitedExecution } from "./awaited-execution.ts";

export async function getExecution(
  parts: { context: Context; infos: LargeInfos },
  request: ExecutionIdRequest,
  call: AdmittedCall,
): Promise<ExecutionInfoReply> {
  const { id } = targetOf(request, call);
  return awaitedExecution(parts, { id, waitMs: request.waitMs }, call);
}
