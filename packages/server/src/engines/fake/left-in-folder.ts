import { lstatSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Launch } from "../engine.ts";

/** What a script must know of the folder that it finds. */
export interface LeftInFolder {
  files: { name: string; size: number }[];
  /** Symbolic links: nothing is read or written through them. */
  links: string[];
}

/** What another workload has left in its folder. */
export function leftInFolder(work: string, below = ""): LeftInFolder {
  const left: LeftInFolder = { files: [], links: [] };
  for (const entry of readdirSync(join(work, below), { withFileTypes: true })) {
    const name = join(below, entry.name);
    if (entry.isSymbolicLink()) left.links.push(name);
    else if (entry.isFile()) left.files.push({ name, size: lstatSync(join(work, name)).size });
    else if (entry.isDirectory()) {
      const inside = leftInFolder(work, name);
      left.files.push(...inside.files);
      left.links.push(...inside.links);
    }
  }
  return left;
}

export function sizeOfStdin(stdin: Launch["stdin"]): number {
  if (stdin === null) return 0;
  return "file" in stdin ? statSync(stdin.file).size : stdin.byteLength;
}
