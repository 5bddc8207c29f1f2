import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Room } from "./rooms.ts";

/** What of the room lies below `root`, and the tests that are to notice its changes, as 16 hex digits; what else they rest on is not in it. */
export function stateOfRoom({ files, tests, beforeTests }: Room, root: string): string {
  const find = (patterns: readonly string[]): string[] => globSync(patterns, { cwd: root });
  const leftOut = new Set(find(files.flatMap((one) => (one.startsWith("!") ? one.slice(1) : []))));
  const changed = find(files.filter((one) => !one.startsWith("!"))).filter((file) => !leftOut.has(file));
  const hash = createHash("sha256").update(JSON.stringify([files, tests, beforeTests]));
  for (const file of [...changed, ...find(tests)].toSorted())
    hash.update(`\0${file}\0`).update(readFileSync(join(root, file)));
  return hash.digest("hex").slice(0, 16);
}
