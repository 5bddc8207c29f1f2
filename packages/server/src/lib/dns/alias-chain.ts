import type { KnownRecord } from "./records.ts";

/** How one name leads to the next. */
export interface Alias {
  owner: string;
  target: string;
  ttl: number;
}

export type Followed =
  /** `end`: the last name, of which the records tell nothing more than what they are. */
  { kind: "end"; aliases: Alias[]; end: string } | { kind: "endless" };

/** Names that one question may be led through. */
export const MOST_ALIASES = 8;

/**
 * Follows a name through what an answer says of it, behind the aliases that are known already. What the answer says of
 * other names is nothing that was asked.
 */
export function followAliases(
  name: string,
  { records, before }: { records: readonly KnownRecord[]; before: readonly Alias[] },
): Followed {
  const aliases = [...before];
  const seen = new Set([...before.map(({ owner }) => owner), name]);
  for (let end = name; ; ) {
    const next = records.find((record) => record.kind === "alias" && record.owner === end);
    if (next?.kind !== "alias") return { kind: "end", aliases, end };
    if (seen.has(next.target) || aliases.length >= MOST_ALIASES) return { kind: "endless" };
    aliases.push({ owner: next.owner, target: next.target, ttl: next.ttl });
    seen.add(next.target);
    end = next.target;
  }
}
