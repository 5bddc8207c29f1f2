import type { Block } from "../../../core/audit/chain.ts";

/** The columns of `audit_block`, in the order of `blockValues`. Both writers insert blocks by hand, where they commit. */
export const blockColumns = ["chain", "seq", "key_id", "first_at", "at", "count", "prev", "hash"] as const;

export function blockValues({
  chain,
  seq,
  keyId,
  firstAt,
  at,
  count,
  prev,
  hash,
}: Block): (string | number)[] {
  return [chain, seq, keyId, firstAt, at, count, prev, hash];
}
