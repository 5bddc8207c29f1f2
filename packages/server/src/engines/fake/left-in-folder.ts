import { lstatSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Launch } from "../engine.ts";

export interface FoundFile {
  name: string;
  size: number;
  /** It lies in a tree of the server's: it takes nothing of the job's own. */
  isShared?: true;
}

/** What a script must know of the folder that it finds. */
export interface LeftInFolder {
  files: FoundFile[];
  /** Symbolic links: nothing is read or written through them. */
  links: string[];
}

/** What another workload has left in its folder. */
function leftInFolder(work: string, below = ""): LeftInFolder {
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

/** What a workload finds: what another has left, where one has, over what lies in a tree, where it has one. */
export function foundAtStart({ left, lower }: { left: string | null; lower: string | null }): LeftInFolder {
  const own = left === null ? { files: [], links: [] } : leftInFolder(left);
  const tree = lower === null ? { files: [], links: [] } : leftInFolder(lower);
  const names = new Set(own.files.map(({ name }) => name));
  const shared = tree.files.filter(({ name }) => !names.has(name));
  return {
    files: [...own.files, ...shared.map((file) => ({ ...file, isShared: true as const }))],
    links: [...own.links, ...tree.links],
  };
}

export function sizeOfStdin(stdin: Launch["stdin"]): number {
  if (stdin === null) return 0;
  return "file" in stdin ? statSync(stdin.file).size : stdin.byteLength;
}
