import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Measured } from "./disk-watch.ts";

/** So many are looked at here and now, in less time than it takes to ask anybody else. */
const FEW = 32;
const LEAST_BYTES = 4096;

/** What a folder takes in which nothing runs any more; null when it holds more than a few files. */
export function measureFew(folder: string): Measured | null {
  const measured: Measured = { bytes: 0, largestBytes: 0, removedBytes: 0, files: 0 };
  return addFew(folder, measured) ? measured : null;
}

/** A folder of this size can list so many names that to read them all would hold up everybody else. */
const LARGE_FOLDER = 4096;

function addFew(folder: string, sum: Measured): boolean {
  if (lstatSync(folder).size > LARGE_FOLDER) return false;
  for (const entry of readdirSync(folder, { encoding: "buffer", withFileTypes: true })) {
    sum.files += 1;
    if (sum.files > FEW) return false;
    const { name } = entry;
    const { size, blocks } = lstatSync(Buffer.concat([Buffer.from(`${folder}/`), name]));
    sum.bytes += Math.max(blocks * 512, LEAST_BYTES);
    if (entry.isFile()) sum.largestBytes = Math.max(sum.largestBytes, size);
    // Names that are no UTF-8, and whatever goes deep, are left to others.
    const text = name.toString("utf8");
    if (entry.isDirectory() && !(Buffer.from(text).equals(name) && addFew(join(folder, text), sum)))
      return false;
  }
  return true;
}
