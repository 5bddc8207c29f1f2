import type { Caller } from "../../core/caller/caller.ts";

/** A token gives nobody a longer life than its own: when what is made by this credential ends at the latest. */
export function lastEnd({ credential: { kind, expiresAt } }: Caller): number {
  return (kind === "token" || kind === "introspection" ? expiresAt : undefined) ?? Infinity;
}
