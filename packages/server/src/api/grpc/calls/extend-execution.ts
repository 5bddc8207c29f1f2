import { extendBody, parseDuration } from "@berth/protocol";
import type { ExecutionInfoReply, ExtendExecutionRequest } from "@berth/protocol/executor";
import { check, requestInvalid } from "../../../core/input/check.ts";
import type { Context } from "../../../operations/context.ts";
import { extendJob } from "../../../operations/jobs/extend-job.ts";
import type { AdmittedCall } from "../admitted-call.ts";
import type { LargeInfos } from "../large/large-infos.ts";
import { targetOf } from "../messages/target.ts";
import { shown } from "./awaited-execution.ts";

export async function extendExecution(
  { context, infos }: { context: Context; infos: LargeInfos },
  request: ExtendExecutionRequest,
  call: AdmittedCall,
): Promise<ExecutionInfoReply> {
  const target = targetOf(request, call);
  const checked = check(extendBody, { by: request.by });
  if ("problems" in checked) throw requestInvalid(checked.problems);
  // The schema has seen to its form.
  const byMs = parseDuration(checked.value.by) ?? 0;
  return await shown(await extendJob(context, { ...target, byMs }), { caller: call.caller, infos });
}
