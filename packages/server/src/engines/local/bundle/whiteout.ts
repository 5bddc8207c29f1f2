import type { Stats } from "node:fs";

/** What the kernel puts into a job's folder that lies over a tree, in the place of something that the job has removed. */
export function isWhiteout(found: Pick<Stats, "isCharacterDevice" | "rdev">): boolean {
  return found.isCharacterDevice() && found.rdev === 0;
}
