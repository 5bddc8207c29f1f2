import { statfsSync } from "node:fs";

/** A quarter: two jobs at once leave as much for all others, and for the server. */
const SHARE = 4;

/** How many files and folders one job may have on this disk; null where the file system sets no number (btrfs). */
export function mostFilesOn(folder: string): number | null {
  const { files } = statfsSync(folder);
  return files > 0 ? Math.floor(files / SHARE) : null;
}
