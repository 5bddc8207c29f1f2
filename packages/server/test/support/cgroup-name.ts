import { globSync, rmdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { hierarchies } from "./leftovers.ts";
import { until } from "./until.ts";

/** Each folder of a test has a control group of its own, so that two tests never meet. */
export function cgroupNameOf(root: string): string {
  return basename(root);
}

/**
 * Removes the control groups that an engine of a test has made for all its jobs, and `run`, the folder of its shims. What
 * was killed a moment ago is still in its group, and may still make a file: both are gone when the last of them is.
 */
export async function removeControlGroups(name: string, { run }: { run?: string } = {}): Promise<void> {
  let last: unknown;
  const isGone = (): boolean => {
    try {
      for (const hierarchy of hierarchies()) removeGroups(hierarchy, name);
      if (run !== undefined) rmSync(run, { recursive: true, force: true });
      return true;
    } catch (error) {
      last = error;
      if (isStillUsed(error)) return false;
      throw error;
    }
  };
  await until(isGone, { what: `the end of the control groups "${name}"` }).catch((cause: unknown) => {
    throw new Error(`${String(cause)}: ${String(last)}`, { cause });
  });
}

function removeGroups(hierarchy: string, name: string): void {
  const groups = globSync([name, `${name}/**/*/`], { cwd: hierarchy });
  for (const group of groups.toSorted((a, b) => b.length - a.length)) rmdirSync(join(hierarchy, group));
}

function isStillUsed(error: unknown): boolean {
  const { code = "" } = error as NodeJS.ErrnoException;
  return ["EBUSY", "ENOTEMPTY", "ENOENT"].includes(code);
}
