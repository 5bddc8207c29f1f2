import { BerthError, operations } from "@berth/protocol";
import { changesBetween } from "../../core/audit/change.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";

/** Throws QUOTA_NOT_FOUND. */
export async function deleteQuota(
  { access, store, audit, quotas, events }: Context,
  { caller, user }: { caller: Caller; user: string },
): Promise<void> {
  await access.demand(caller, operations.deleteQuota.permission);
  const changes = changesBetween(quotas.of(user), null);
  const record = audit.entry(caller, { ...operations.deleteQuota.permission, name: user, changes });
  const wasThere = await store.audited(record).quotas.delete(user);
  quotas.delete(user);
  if (!wasThere) throw new BerthError("QUOTA_NOT_FOUND", `Cannot find a quota of "${user}"`);
  events.accessChanged({ what: "Quota deleted", user }, caller);
}
