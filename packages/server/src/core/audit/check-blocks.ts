import { type Block, type ChainHead, digestOf, isSealed } from "./chain.ts";

export interface AuditProblem {
  kind: "changed" | "missing" | "added" | "truncated" | "unknown_key";
  chain: string;
  seq: number;
  message: string;
}

/** A record as it is stored. */
interface CheckedRecord {
  seq: number;
  n: number;
  text: string;
  /** Whether the columns that stand beside the text say what it says. */
  isAsWritten: boolean;
}

export interface CheckedPage {
  chain: string;
  blocks: readonly Block[];
  /** In order. */
  records: readonly CheckedRecord[];
  /** The block before the first one; null where nobody knows it. */
  before: ChainHead | null;
  /** The key of this name; null where it is not here. */
  keyOf: (keyId: string) => Uint8Array | null;
}

/** What is wrong with blocks that should follow each other. */
export function checkBlocks(page: CheckedPage): AuditProblem[] {
  const problems: AuditProblem[] = [];
  const { chain, blocks } = page;
  const add = (kind: AuditProblem["kind"], seq: number, message: string): void =>
    void problems.push({ kind, chain, seq, message });
  const bySeq = Map.groupBy(page.records, ({ seq }) => seq);
  let before = page.before;
  for (const block of blocks) {
    const { seq } = block;
    if (before !== null && seq > before.seq + 1) add("missing", seq, gap(before.seq + 1, seq - 1));
    else if (before !== null && block.prev !== before.hash)
      add("changed", seq, `Block ${seq} does not follow block ${before.seq} as it is now`);
    const found = bySeq.get(seq) ?? [];
    bySeq.delete(seq);
    const problem = checkBlock(page, block, found);
    if (problem !== null) problems.push(problem);
    else if (!found.every(({ isAsWritten }) => isAsWritten))
      add("changed", seq, `Block ${seq}: the columns of a record do not say what its text says`);
    before = block;
  }
  for (const [seq, records] of bySeq)
    add("added", seq, `${records.length} records lie at ${seq}, where there is no block`);
  return problems;
}

function checkBlock(
  { chain, keyOf }: CheckedPage,
  block: Block,
  records: readonly CheckedRecord[],
): AuditProblem | null {
  const { seq, count } = block;
  const key = keyOf(block.keyId);
  if (key === null) {
    const message = `Block ${seq} is sealed with key ${block.keyId}, which is not here`;
    return { kind: "unknown_key", chain, seq, message };
  }
  const sealed = records.map(({ n, text }) => ({ n, digest: digestOf(text) }));
  if (isSealed(key, block, sealed)) return null;
  if (records.length < count) {
    const message = `Block ${seq} has ${records.length} of its ${count} records`;
    return { kind: "missing", chain, seq, message };
  }
  if (records.length > count) {
    const message = `Block ${seq} has ${records.length} records, and was stored with ${count}`;
    return { kind: "added", chain, seq, message };
  }
  return { kind: "changed", chain, seq, message: `Block ${seq} or one of its ${count} records was changed` };
}

function gap(from: number, to: number): string {
  return from === to ? `Block ${from} is missing` : `Blocks ${from} to ${to} are missing`;
}
