import { type Dirent, readdirSync, rmdirSync, statSync, unlinkSync } from "node:fs";
import { opendir, rm, rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";

/** What is removed here and now; more is left to a process of its own. */
const FEW = 64;

/** Removes a job's folder, however deep or full. Idempotent. `remove` does it in another process, false if it cannot. */
export async function removeFolder(path: string, remove: () => Promise<boolean>): Promise<void> {
  if (removeEmpty(path) || (await removeFew(path, { left: FEW }))) return;
  if (await remove()) return;
  await rm(path, { recursive: true, force: true });
}

/**
 * Removes a folder of a few small files in memory, as the engine makes them: here and now, which is a tenth of what
 * the thread pool costs. Idempotent.
 */
export function removeSteering(path: string): void {
  try {
    for (const name of readdirSync(path)) unlinkSync(`${path}/${name}`);
    rmdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

/** Removes what the kernel needed for a tree below a job's folder: some empty folders that none but root may enter. Idempotent. */
export async function removeOverlay(
  { overlays }: { overlays: string },
  { group }: { group: string },
): Promise<void> {
  const path = join(overlays, group);
  if (removeUsual(path) || (await removeFew(path, { left: FEW }))) return;
  await rm(path, { recursive: true, force: true });
}

/** What the kernel leaves there of a sandbox that ended by itself: taken away here and now, which is a tenth of looking for it. */
function removeUsual(path: string): boolean {
  try {
    const inner = `${path}/work/incompat/volatile`;
    unlinkSync(`${inner}/dirty`);
    for (const folder of [inner, `${path}/work/incompat`, `${path}/work`, path]) rmdirSync(folder);
    return true;
  } catch {
    // Whatever it is, the slower way meets it too.
    return false;
  }
}

/** A folder that once held a million names stays as large, and all of it is gone through before it is removed. */
const SMALL_FOLDER = 64 * 1024;

/** Most jobs leave nothing in their folder. */
function removeEmpty(path: string): boolean {
  try {
    if (statSync(path).size > SMALL_FOLDER) return false;
    rmdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}

/** True when it is gone; false as soon as there is more than a few, or it is too deep for a path. */
async function removeFew(path: string, budget: { left: number }): Promise<boolean> {
  try {
    const entries: Dirent[] = [];
    // Read a few at a time: a list of all names of a full folder would hold up everybody else while it is made.
    for await (const entry of await opendir(path)) {
      budget.left -= 1;
      if (budget.left < 0) return false;
      entries.push(entry);
    }
    const removed = entries.map(async (entry) => {
      const at = join(path, entry.name);
      if (entry.isDirectory()) return await removeFew(at, budget);
      await unlink(at);
      return true;
    });
    if (!(await Promise.all(removed)).every(Boolean)) return false;
    await rmdir(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" && budget.left === FEW;
  }
}
