import type { AuditEntry } from "../core/audit/record.ts";
import type { AuditStore } from "../store/audit-store.ts";
import type { Trail } from "./trail.ts";

/**
 * Before anything new is recorded: begins the chain where it has none, writes down how far those of other servers are, and where the end
 * that was known is not there any more, as after somebody cut records off, or put an older database into place. Only then the
 * head may move on.
 */
export async function takeUpTrail(audit: AuditStore, trail: Trail, now: () => number): Promise<void> {
  const { chain } = trail.seal;
  const ends = await audit.ends(chain);
  const heads = await headsOf(audit);
  const found = trail.foundHead?.chain === chain ? trail.foundHead : null;
  if (ends === null) await audit.append([aboutTrail(now(), { verb: "begin", chain, heads })]);
  // What other servers have recorded meanwhile.
  else if (heads.length > 1)
    await audit.append([aboutTrail(now(), { verb: "continue", chain, heads: othersThan(chain, heads) })]);
  if (found !== null && (ends === null || found.seq >= ends.first.seq)) {
    const block = await audit.block(chain, found.seq);
    if (block?.hash !== found.hash) await audit.append([missing(now(), chain, found)]);
  } else if (found === null && ends !== null) await audit.append([missing(now(), chain, null)]);
  trail.takenUp();
}

/** The ends of all chains, as texts: a chain that is gone as a whole is missed by them. */
async function headsOf(audit: Pick<AuditStore, "chains" | "ends">): Promise<string[]> {
  const heads: string[] = [];
  for (const chain of await audit.chains()) {
    const ends = await audit.ends(chain);
    if (ends !== null) heads.push(`${chain} ${ends.last.seq} ${ends.last.hash}`);
  }
  return heads;
}

function othersThan(chain: string, heads: readonly string[]): string[] {
  return heads.filter((head) => !head.startsWith(`${chain} `));
}

function missing(at: number, chain: string, head: { seq: number; hash: string } | null): AuditEntry {
  const about = head === null ? { file: "audit-head" } : { seq: head.seq, hash: head.hash };
  return { ...aboutTrail(at, { verb: "miss", chain }), outcome: "failed", about };
}

function aboutTrail(
  at: number,
  { verb, chain, heads }: { verb: "begin" | "continue" | "miss"; chain: string; heads?: readonly string[] },
): AuditEntry {
  return {
    at,
    account: "server",
    door: "server",
    credential: null,
    address: null,
    requestId: null,
    verb,
    resource: "audit",
    name: chain,
    outcome: "done",
    ...(heads !== undefined && { about: { heads } }),
  };
}
