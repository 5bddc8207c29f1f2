import type { ExecutionInfoReply } from "@berth/protocol/executor";
import type { Caller } from "../../../core/caller/caller.ts";
import type { Job } from "../../../core/job/job.ts";
import { keyOf } from "../../../core/caller/principal.ts";
import type { Context } from "../../../operations/context.ts";
import { joinSignals } from "../../../lib/signals.ts";
import { getJob } from "../../../operations/jobs/get-job.ts";
import { waitForEnd } from "../../../operations/jobs/wait-for-end.ts";
import type { AdmittedCall } from "../admitted-call.ts";
import type { LargeInfos } from "../large/large-infos.ts";
import { executionInfo } from "../messages/execution-info.ts";

/** A timer takes no more; the client's own deadline comes first anyhow. */
export const longestTimerMs = 2 ** 31 - 1;

/** The execution at its end, or as it is when `waitMs` are over or the server is about to shut down. */
export async function awaitedExecution(
  { context, infos }: { context: Context; infos: LargeInfos },
  { id, waitMs = 0 }: { id: string; waitMs: number | undefined },
  { caller, signal, closing }: AdmittedCall,
): Promise<ExecutionInfoReply> {
  if (waitMs === 0) return await shown(await getJob(context, { caller, id }), { caller, infos });
  const timeoutMs = Math.min(waitMs, longestTimerMs);
  using either = joinSignals(signal, closing);
  const job = await waitForEnd(context, { caller, id, timeoutMs, signal: either.signal });
  signal.throwIfAborted();
  return await shown(job, { caller, infos });
}

/** The execution as the caller gets it. */
export async function shown(
  job: Job,
  { caller, infos }: { caller: Caller; infos: LargeInfos },
): Promise<ExecutionInfoReply> {
  return executionInfo(job, await infos.fieldsOf(job, keyOf(caller.principal)));
}
