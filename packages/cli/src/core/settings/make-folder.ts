import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it; one that is there stays as it is. Node's own `recursive` never comes to an end where nobody can make
 * one, as below /proc: it takes "no such file" for the want of a folder above, which is there.
 */
export async function makeFolder(path: string, { mode = 0o777 }: { mode?: number } = {}): Promise<void> {
  const problem = await tryToMake(path, mode);
  if (problem === null) return;
  if (problem.code !== "ENOENT" || dirname(path) === path) throw problem;
  await makeFolder(dirname(path), { mode });
  const again = await tryToMake(path, mode);
  if (again !== null) throw again;
}

/** Why it could not be made; null where it is there. What is there and no folder is found out by whoever writes into it. */
async function tryToMake(path: string, mode: number): Promise<NodeJS.ErrnoException | null> {
  try {
    await mkdir(path, { mode });
    return null;
  } catch (error) {
    const problem = error as NodeJS.ErrnoException;
    return problem.code === "EEXIST" ? null : problem;
  }
}
