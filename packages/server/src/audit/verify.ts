import { setImmediate as nextTurn } from "node:timers/promises";
import { type AuditProblem, checkBlocks } from "../core/audit/check-blocks.ts";
import { type Block, type ChainHead, noHash } from "../core/audit/chain.ts";
import { type AuditEntry, entryOf } from "../core/audit/record.ts";
import type { AuditStore, WholeRecord } from "../store/audit-store.ts";
import type { ChainPosition as Position, Verified } from "./audit.ts";
import type { Trail } from "./trail.ts";

interface VerifyOptions {
  audit: AuditStore;
  trail: Pick<Trail, "seal" | "head" | "foundHead" | "keyOf">;
}

/** Records that are read in one turn of the loop. */
const PAGE = 500;
/** Records for one call: whoever has more to verify calls again. */
const MOST = 20_000;
/** Of one call: a chain that is broken everywhere is told of by its first breaks. */
const MOST_PROBLEMS = 100;

/** Looks whether every record is there as it was stored, from `from` on. */
export async function verifyAudit(options: VerifyOptions, from: Position | null): Promise<Verified> {
  const { audit } = options;
  const sum: Verified = { blocks: 0, records: 0, problems: [], next: null };
  if (from === null) sum.problems.push(...(await missingOwn(options)));
  const chains = (await audit.chains()).filter((chain) => from === null || chain >= from.chain);
  for (const chain of chains) {
    const after = from?.chain === chain ? await audit.block(chain, from.seq) : null;
    sum.next = await verifyChain(options, { chain, after, sum });
    if (sum.next !== null) break;
  }
  sum.problems.splice(MOST_PROBLEMS);
  return sum;
}

async function verifyChain(
  options: VerifyOptions,
  { chain, after, sum }: { chain: string; after: Block | null; sum: Verified },
): Promise<Position | null> {
  const { audit, trail } = options;
  let before: ChainHead | null = after;
  if (before === null) {
    const start = await startOf(options, chain);
    sum.problems.push(...start.problems);
    ({ before } = start);
  }
  for (;;) {
    const page = await audit.blocks(chain, { after: before?.seq ?? 0, limit: PAGE });
    const { blocks, records } = page;
    sum.problems.push(
      ...checkBlocks({ chain, blocks, records, before, keyOf: (id) => trail.keyOf(id) }),
      ...(await toldBy(options, records)),
    );
    sum.blocks += blocks.length;
    sum.records += records.length;
    before = blocks.at(-1) ?? before;
    if (page.isLast) break;
    if (sum.records >= MOST || sum.problems.length >= MOST_PROBLEMS) return { chain, seq: before?.seq ?? 0 };
    await nextTurn();
  }
  return null;
}

/** What the first block there holds on to: nothing, or what a cut has left, which a sealed record must say. */
async function startOf(
  { audit, trail }: VerifyOptions,
  chain: string,
): Promise<{ before: ChainHead | null; problems: AuditProblem[] }> {
  const first = (await audit.ends(chain))?.first;
  if (first === undefined) return { before: null, problems: [] };
  const cut = await newestCut({ audit, trail }, chain);
  if (cut !== null) return { before: cut, problems: [] };
  return { before: { seq: 0, hash: noHash }, problems: [] };
}

/** The newest cut that a sealed record tells of; null where there is none. */
export async function newestCut(
  { audit, trail }: Pick<VerifyOptions, "audit" | "trail">,
  chain: string,
): Promise<ChainHead | null> {
  const asked = { resource: "audit", verb: "cut", name: chain, outcome: "done", limit: 1 } as const;
  const rest = { account: null, door: null, requestId: null, address: null, since: null, until: null };
  let cursor: string | null = null;
  do {
    const page = await audit.list({ ...asked, ...rest, cursor });
    const [record] = page.items;
    if (record !== undefined && (await isSound({ audit, trail }, record))) return headIn(record.text);
    cursor = page.next;
  } while (cursor !== null);
  return null;
}

/** Its block holds by itself. That the chain before it holds too is said by the walk over it. */
async function isSound(
  { audit, trail }: Pick<VerifyOptions, "audit" | "trail">,
  { chain, seq }: Position,
): Promise<boolean> {
  const { blocks, records } = await audit.blocks(chain, { after: seq - 1, limit: PAGE });
  const [block] = blocks;
  if (block?.seq !== seq) return false;
  const own = records.filter((record) => record.seq === seq);
  const keyOf = (id: string): Uint8Array | null => trail.keyOf(id);
  const page = { chain, blocks: [block], records: own, before: null, keyOf };
  return checkBlocks(page).length === 0;
}

function headIn(text: string): ChainHead | null {
  const { about } = entryOf(text);
  const [seq, hash] = [about?.["seq"], about?.["hash"]];
  return typeof seq === "number" && typeof hash === "string" ? { seq, hash } : null;
}

/** What this server knows to be stored, and is not: the newest records were cut off. */
async function missingOwn({ audit, trail }: VerifyOptions): Promise<AuditProblem[]> {
  const { chain } = trail.seal;
  const known = trail.head ?? trail.foundHead;
  return known === null ? [] : await unlessThere(audit, { chain, seq: known.seq, hash: known.hash });
}

async function unlessThere(
  audit: AuditStore,
  { chain, seq, hash }: Position & { hash: string },
): Promise<AuditProblem[]> {
  const ends = await audit.ends(chain);
  // What was cut by retention is told of by the start of the chain.
  if (ends !== null && seq < ends.first.seq) return [];
  const block = await audit.block(chain, seq);
  if (block?.hash === hash) return [];
  const last = ends === null ? "it has no block" : `it ends at block ${ends.last.seq}`;
  const message =
    block === null
      ? `Block ${seq} is known to have been stored, and ${last}`
      : `Block ${seq} is another one by now`;
  return [{ kind: block === null ? "truncated" : "changed", chain, seq, message }];
}

/** What the records themselves tell of the trail: what was missing once, and where other chains were. */
async function toldBy({ audit }: VerifyOptions, records: readonly WholeRecord[]): Promise<AuditProblem[]> {
  const problems: AuditProblem[] = [];
  for (const { chain, seq, entry } of records) {
    if (entry?.resource !== "audit") continue;
    const { verb, about, at } = entry;
    if (verb === "miss") problems.push({ kind: "truncated", chain, seq, message: whatWasMissing(at, about) });
    if ((verb !== "begin" && verb !== "continue") || !Array.isArray(about?.["heads"])) continue;
    for (const head of about["heads"] as readonly string[]) {
      const [other = "", last = "", hash = ""] = head.split(" ");
      problems.push(...(await unlessThere(audit, { chain: other, seq: Number(last), hash })));
    }
  }
  return problems;
}

function whatWasMissing(at: number, about: AuditEntry["about"]): string {
  const when = new Date(at).toISOString();
  const seq = about?.["seq"];
  return typeof seq === "number"
    ? `At the start of ${when} the chain did not reach block ${seq} any more, which had been stored`
    : `At the start of ${when} the file audit-head was missing: how far the chain had been is not known`;
}
