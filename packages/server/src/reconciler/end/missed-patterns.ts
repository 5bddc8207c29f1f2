import type { ArtifactList } from "@berth/protocol";
import { printable } from "../../lib/text/printable.ts";

const most = 5;

/** A sentence for each pattern of `collect` that nothing was kept of: whoever named it waits for files that do not come. */
export function missedPatterns(patterns: readonly string[], skipped: ArtifactList["skipped"]): string[] {
  const reasons = new Map(skipped.map(({ path, reason }) => [path, reason]));
  const missed = patterns.flatMap((pattern) => {
    const reason = reasons.get(pattern) ?? reasons.get(`${pattern}/**`);
    const named = printable(pattern, { most: 100 });
    return reason === undefined ? [] : [`Nothing was kept of \`collect\` "${named}": ${reason}`];
  });
  if (missed.length <= most) return missed;
  return [...missed.slice(0, most), `Nothing was kept of ${missed.length - most} more patterns either`];
}
