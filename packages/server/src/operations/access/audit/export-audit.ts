import { setImmediate as nextTurn } from "node:timers/promises";
import { operations } from "@berth/protocol";
import { type AuditMatch, matches } from "../../../core/audit/match.ts";
import type { Caller } from "../../../core/caller/caller.ts";
import type { StoredRecord } from "../../../store/audit-store.ts";
import type { Context } from "../../context.ts";

/** Read at a time. */
const PAGE = 200;

/** All records that the filter takes, chain by chain, oldest first. Throws FORBIDDEN. */
export async function exportAudit(
  { access, store }: Context,
  { caller, filter, signal }: { caller: Caller; filter: AuditMatch; signal: AbortSignal },
): Promise<AsyncIterable<StoredRecord[]>> {
  await access.demand(caller, operations.exportAudit.permission);
  return pagesOf(store.audit, filter, signal);
}

async function* pagesOf(
  audit: Context["store"]["audit"],
  filter: AuditMatch,
  signal: AbortSignal,
): AsyncGenerator<StoredRecord[], void> {
  for (const chain of await audit.chains()) {
    let after = 0;
    for (let isLast = false; !isLast && !signal.aborted; ) {
      const page = await audit.blocks(chain, { after, limit: PAGE });
      const found = page.records.filter(({ entry }) => entry !== null && matches(entry, filter));
      if (found.length > 0) yield found;
      after = page.blocks.at(-1)?.seq ?? after;
      ({ isLast } = page);
      await nextTurn();
    }
  }
}
