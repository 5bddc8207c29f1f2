import { operations, type Quota } from "@berth/protocol";
import type { Context } from "../context.ts";
import { shownQuota } from "./shown-quota.ts";
import { boundSubjectOf, isOwnSubject, quotaNotFound, type QuotaRequest } from "./subject-of-request.ts";

/** What bounds one, and what is used of it. Throws FORBIDDEN, QUOTA_NOT_FOUND. */
export async function getQuota(context: Context, request: QuotaRequest): Promise<Quota> {
  const { caller } = request;
  const subject = boundSubjectOf(context, request);
  const owner = isOwnSubject(caller, subject) ? caller.principal.name : "";
  await context.access.demand(caller, operations.getQuota.permission, { owner });
  const quota = context.quotas.of(subject);
  if (quota === null) throw quotaNotFound(subject);
  return await shownQuota(context, quota);
}
