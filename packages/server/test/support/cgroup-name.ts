import { globSync, rmdirSync } from "node:fs";
import { basename, join } from "node:path";
import { hierarchies } from "./leftovers.ts";

/** Each folder of a test has a control group of its own, so that two tests never meet. */
export function cgroupNameOf(root: string): string {
  return basename(root);
}

/** Removes the control groups that an engine of a test has made for all its jobs. */
export function removeControlGroups(name: string): void {
  for (const hierarchy of hierarchies()) {
    const groups = globSync([name, `${name}/**/*/`], { cwd: hierarchy });
    for (const group of groups.toSorted((a, b) => b.length - a.length)) rmdirSync(join(hierarchy, group));
  }
}
