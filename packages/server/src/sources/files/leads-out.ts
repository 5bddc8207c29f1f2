import { lstat, readlink } from "node:fs/promises";
import { join } from "node:path";

/** As many as the kernel follows. */
const MOST_LINKS = 40;

/**
 * Whether a path below a tree leads out of it as a job finds it, as /work: by a link, link by link. What is not there leads
 * nowhere.
 */
export async function leadsOut(tree: string, path: string): Promise<boolean> {
  const todo = path.split("/");
  let inside: string[] = [];
  let links = 0;
  for (let part = todo.shift(); part !== undefined; part = todo.shift()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (inside.pop() === undefined) return true;
      continue;
    }
    const at = join(tree, ...inside, part);
    const stat = await lstat(at).catch(() => null);
    if (stat === null) return false;
    if (!stat.isSymbolicLink()) {
      inside.push(part);
      continue;
    }
    links += 1;
    const [first = "", ...rest] = (await readlink(at)).split("/");
    const isOwn = first === "" && rest[0] === "work";
    if (links > MOST_LINKS || (first === "" && !isOwn)) return true;
    if (isOwn) inside = [];
    todo.unshift(...(isOwn ? rest.slice(1) : [first, ...rest]));
  }
  return false;
}
