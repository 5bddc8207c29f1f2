import { readFileSync } from "node:fs";
import type { Standby } from "../../engine.ts";
import type { JobGroups } from "../groups/job-groups.ts";
import type { Place } from "./place.ts";

/** The sandboxes of these places, and what their processes take: pid 1 in each, and the shim outside that began it. */
export function measureStandby(places: readonly Place[], groups: JobGroups): Standby {
  const inside = places.flatMap(({ name }) => groups.pids(name));
  const all = [...inside, ...inside.flatMap((pid) => parentOf(pid) ?? [])].map(proportionalBytes);
  const known = all.filter((bytes) => bytes !== null);
  const bytes = known.length === all.length ? known.reduce((sum, one) => sum + one, 0) : null;
  return { sandboxes: places.length, bytes };
}

/** Whether somebody has stopped a process of the sandbox in this place, so that it would never get its job. */
export function isStopped(place: string, groups: JobGroups): boolean {
  const inside = groups.pids(place);
  const all = [...inside, ...inside.flatMap((pid) => parentOf(pid) ?? [])];
  return all.some((pid) => /^State:\s+[Tt]/m.test(read(pid, "status")));
}

function parentOf(pid: number): number | null {
  const parent = /^PPid:\s+(\d+)$/m.exec(read(pid, "status"))?.[1];
  return parent === undefined ? null : Number(parent);
}

/** Pages that n processes share count as an n-th for each. */
function proportionalBytes(pid: number): number | null {
  const kibibytes = /^Pss:\s+(\d+) kB$/m.exec(read(pid, "smaps_rollup"))?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}

function read(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    // It has got its job and ended meanwhile.
    return "";
  }
}
