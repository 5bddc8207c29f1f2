import { operations } from "@berth/protocol";
import type { Caller } from "../../../core/caller/caller.ts";
import type { AuditFilter, AuditPage } from "../../../store/audit-store.ts";
import type { Context } from "../../context.ts";

/** What happened, newest first. Throws FORBIDDEN, CURSOR_INVALID. */
export async function listAudit(
  { access, store }: Context,
  { caller, filter }: { caller: Caller; filter: AuditFilter },
): Promise<AuditPage> {
  await access.demand(caller, operations.listAudit.permission);
  return store.audit.list(filter);
}
