import type { Block, ChainHead } from "../core/audit/chain.ts";
import type { AuditEntry } from "../core/audit/record.ts";
import type { AuditStore } from "../store/audit-store.ts";
import type { Audit, ChainPosition } from "./audit.ts";
import type { Trail } from "./trail.ts";
import { newestCut } from "./verify.ts";

export interface CutOptions {
  audit: AuditStore;
  trail: Trail;
  /** The block behind which nothing of this chain may go; null where all may. */
  keptFrom: (chain: string) => Promise<number | null>;
}

/** Blocks that are forgotten in one transaction: others write too. */
const SLICE = 500;

export async function cutTrail(
  options: CutOptions,
  before: number,
  entryOf: Parameters<Audit["cut"]>[1],
): Promise<ChainPosition[]> {
  const { audit, trail } = options;
  const entries: AuditEntry[] = [];
  const cuts: ChainPosition[] = [];
  for (const chain of await audit.chains()) {
    const to = await endOfCut(options, chain, before);
    // The record of an earlier cut may be among what goes now: it is made anew.
    const known = to ?? (await newestCut({ audit, trail }, chain));
    if (to !== null) cuts.push({ chain, seq: to.seq });
    if (known === null) continue;
    const about = { seq: known.seq, hash: known.hash, before: new Date(before).toISOString() };
    entries.push(entryOf({ resource: "audit", verb: "cut", name: chain, about }));
  }
  if (cuts.length === 0) return [];
  await audit.append(entries);
  for (const { chain, seq } of cuts) {
    while (!(await audit.forget(chain, { seq, limit: SLICE })));
  }
  return cuts;
}

/** null where nothing is that old, or the chain has begun only then. */
async function endOfCut(
  { audit, keptFrom }: CutOptions,
  chain: string,
  before: number,
): Promise<ChainHead | null> {
  const ends = await audit.ends(chain);
  const old: Block | null = await audit.lastBefore(chain, before);
  if (ends === null || old === null) return null;
  const kept = Math.min(ends.last.seq, (await keptFrom(chain)) ?? ends.last.seq);
  if (old.seq < kept) return old;
  return kept > ends.first.seq ? await audit.block(chain, kept - 1) : null;
}
