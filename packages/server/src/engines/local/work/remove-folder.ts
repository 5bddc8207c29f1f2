import { readdirSync, rmdirSync, unlinkSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";

/** What is removed here and now; more is left to a process of its own. */
const FEW = 64;

/** Removes a job's folder, however deep or full. Idempotent. `remove` does it in another process, false if it cannot. */
export async function removeFolder(path: string, remove: () => Promise<boolean>): Promise<void> {
  if (removeFew(path, { left: FEW })) return;
  if (await remove()) return;
  await rm(path, { recursive: true, force: true });
}

/** True when it is gone; false as soon as there is more than a few, or it is too deep for a path. */
function removeFew(path: string, budget: { left: number }): boolean {
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      budget.left -= 1;
      if (budget.left < 0) return false;
      const at = join(path, entry.name);
      if (!entry.isDirectory()) unlinkSync(at);
      else if (!removeFew(at, budget)) return false;
    }
    rmdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" && budget.left === FEW;
  }
}
