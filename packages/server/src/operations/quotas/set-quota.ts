import { operations, type Quota } from "@berth/protocol";
import { changesBetween } from "../../core/audit/change.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";

/** Bounds what a principal runs and submits from now on; what runs goes on. In place of what bounded it before. */
export async function setQuota(
  { access, store, audit, quotas, events }: Context,
  { caller, quota }: { caller: Caller; quota: Quota },
): Promise<Quota> {
  await access.demand(caller, operations.setQuota.permission);
  const { user, jobs, jobsPerHour } = quota;
  const changes = changesBetween(quotas.of(user), quota);
  const record = audit.entry(caller, { ...operations.setQuota.permission, name: user, changes });
  await store.audited(record).quotas.set(quota);
  quotas.set(quota);
  events.accessChanged({ what: "Quota set", user, jobs, jobsPerHour }, caller);
  return quota;
}
