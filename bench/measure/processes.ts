import { readFileSync, readdirSync, readlinkSync, writeFileSync } from "node:fs";

interface Process {
  pid: number;
  parent: number;
}

/** Every process below `root`, `root` included. */
export function treeOf(root: number): number[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => look(Number(name)));
  const found = [root];
  for (const pid of found) found.push(...all.filter((one) => one.parent === pid).map((one) => one.pid));
  return found;
}

function look(pid: number): Process[] {
  const stat = read(pid, "stat");
  if (stat === null) return [];
  // The name in brackets may hold anything; the fields after it are plain.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return [{ pid, parent: Number(fields[1]) }];
}

export function namespaceOf(pid: number, kind: "mnt" | "pid"): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`);
  } catch {
    return null;
  }
}

/** Proportional memory: pages shared by n processes count as an n-th for each. */
export function proportionalBytes(pid: number): number {
  const rollup = /^Pss:\s+(\d+) kB$/m.exec(read(pid, "smaps_rollup") ?? "");
  return Number(rollup?.[1] ?? 0) * 1024;
}

export function residentBytes(pid: number): number {
  return statusBytes(pid, "VmRSS");
}

/** Begins a new peak of resident memory. */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** The most that was resident since `forgetPeak`. */
export function peakResidentBytes(pid: number): number {
  return statusBytes(pid, "VmHWM");
}

function statusBytes(pid: number, key: string): number {
  const value = new RegExp(`^${key}:\\s+(\\d+) kB$`, "m").exec(read(pid, "status") ?? "");
  return Number(value?.[1] ?? 0) * 1024;
}

function read(pid: number, name: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return null; // it has ended meanwhile
  }
}
