import { type JobSpec, operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { ReadSpec } from "../../core/input/read-spec.ts";
import type { Context } from "../context.ts";
import { planJob } from "./submit/plan-job.ts";

/**
 * Refuses what a submit would refuse of this spec, and stores nothing: whoever has much to send first asks this before. What may
 * be otherwise by then (a full queue, a full disk, an upload that is not there yet) is not looked at. Throws FORBIDDEN and
 * what planJob throws.
 */
export async function checkJob(
  context: Context,
  request: { caller: Caller; spec: JobSpec | ReadSpec },
): Promise<void> {
  await context.access.demand(request.caller, operations.checkJob.permission);
  await planJob(context, request);
}
