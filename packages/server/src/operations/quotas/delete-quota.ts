import { operations } from "@berth/protocol";
import { changesBetween } from "../../core/audit/change.ts";
import type { Context } from "../context.ts";
import { quotaNotFound, type QuotaRequest, subjectOf } from "./subject-of-request.ts";

/** Throws QUOTA_NOT_FOUND. */
export async function deleteQuota(
  { access, store, audit, quotas, events }: Context,
  request: QuotaRequest,
): Promise<void> {
  const { caller, name } = request;
  await access.demand(caller, operations.deleteQuota.permission);
  const subject = subjectOf(request);
  const { subject: _, ...before } = quotas.of(subject) ?? { subject };
  const changes = changesBetween(before, null);
  const about = { kind: subject.kind };
  const record = audit.entry(caller, { ...operations.deleteQuota.permission, name, changes, about });
  const wasThere = await store.audited(record).quotas.delete(subject);
  quotas.delete(subject);
  if (!wasThere) throw quotaNotFound(subject);
  events.accessChanged({ what: "Quota deleted", [subject.kind]: subject.name }, caller);
}
