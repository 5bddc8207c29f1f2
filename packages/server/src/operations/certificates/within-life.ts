import type { Caller } from "../../core/caller/caller.ts";
import { clientTtlMs } from "../../pki/issue.ts";
import { lastEnd } from "../access/last-end.ts";
import type { Context } from "../context.ts";

/** How long a certificate lives that is asked for by this credential: no longer than a token by which it is. */
export function withinLife(
  { now }: Pick<Context, "now">,
  caller: Caller,
  { ttlMs }: { ttlMs: number | null },
): { ttlMs?: number } {
  const left = lastEnd(caller) - now();
  if (left === Infinity) return ttlMs === null ? {} : { ttlMs };
  return { ttlMs: Math.min(ttlMs ?? clientTtlMs, left) };
}
