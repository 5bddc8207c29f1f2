import { operations } from "@berth/protocol";
import { changesBetween } from "../../core/audit/change.ts";
import type { Context } from "../context.ts";
import { boundSubjectOf, quotaNotFound, type QuotaRequest } from "./subject-of-request.ts";

/** Throws QUOTA_NOT_FOUND. */
export async function deleteQuota(context: Context, request: QuotaRequest): Promise<void> {
  const { access, store, audit, quotas, events } = context;
  const { caller } = request;
  await access.demand(caller, operations.deleteQuota.permission);
  const subject = boundSubjectOf(context, request);
  const { subject: _, ...before } = quotas.of(subject) ?? { subject };
  const changes = changesBetween(before, null);
  const about = { kind: subject.kind };
  const record = audit.entry(caller, {
    ...operations.deleteQuota.permission,
    name: subject.name,
    changes,
    about,
  });
  const wasThere = await store.audited(record).quotas.delete(subject);
  quotas.delete(subject);
  if (!wasThere) throw quotaNotFound(subject);
  events.accessChanged({ what: "Quota deleted", [subject.kind]: subject.name }, caller);
}
