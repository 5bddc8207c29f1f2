import { BerthError, operations } from "@berth/protocol";
import type { ChainPosition } from "../../../audit/audit.ts";
import type { AuditEntry } from "../../../core/audit/record.ts";
import type { Block, ChainHead } from "../../../core/audit/chain.ts";
import type { Caller } from "../../../core/caller/caller.ts";
import type { Context } from "../../context.ts";

/** Blocks that are forgotten in one transaction: others write too. */
const SLICE = 500;
/** The clock of who asks may be ahead. */
const AHEAD_MS = 60_000;

/**
 * Forgets the blocks in which all is older than this, but for the last one of each chain. What is cut is recorded first, under
 * the seal, so that the rest can be verified from there on. Throws FORBIDDEN, REQUEST_INVALID of a time that is not yet.
 */
export async function cutAudit(
  context: Context,
  { caller, before }: { caller: Caller; before: number },
): Promise<ChainPosition[]> {
  const { access, store, audit, now } = context;
  const { permission } = operations.cutAudit;
  await access.demand(caller, permission);
  if (before > now() + AHEAD_MS) throw ofTheFuture();
  const entries: AuditEntry[] = [];
  const cuts: ChainPosition[] = [];
  for (const chain of await store.audit.chains()) {
    const to = await endOfCut(context, chain, before);
    // The record of an earlier cut may be among what goes now: it is made anew.
    const known = to ?? (await audit.cutOf(chain));
    if (to !== null) cuts.push({ chain, seq: to.seq });
    if (known === null) continue;
    const about = { seq: known.seq, hash: known.hash, before: new Date(before).toISOString() };
    entries.push(audit.entry(caller, { resource: "audit", verb: "cut", name: chain, about }));
  }
  if (cuts.length === 0) return [];
  await store.audit.append(entries);
  for (const { chain, seq } of cuts) {
    while (!(await store.audit.forget(chain, { seq, limit: SLICE })));
  }
  return cuts;
}

/** null where nothing is that old, or the chain has begun only then. */
async function endOfCut({ store }: Context, chain: string, before: number): Promise<ChainHead | null> {
  const ends = await store.audit.ends(chain);
  const old: Block | null = await store.audit.lastBefore(chain, before);
  if (ends === null || old === null) return null;
  return old.seq < ends.last.seq ? old : await store.audit.block(chain, old.seq - 1);
}

/** Of a year that is mistyped all would go. */
function ofTheFuture(): BerthError {
  const message = "is in the future: all that is recorded would go";
  return new BerthError("REQUEST_INVALID", "Cannot cut the audit", {
    problems: [{ field: "before", message }],
  });
}
