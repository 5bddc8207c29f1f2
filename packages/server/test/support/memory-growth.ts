import { readFileSync, writeFileSync } from "node:fs";

/** Returns the way to ask how much more memory a process has held since now, at most; in bytes. Needs root. */
export function memoryGrowth(pid: number): () => number {
  const peak = (): number => statusBytes(pid, "VmHWM");
  // The kernel forgets the highest that it has seen.
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
  const before = peak();
  return () => peak() - before;
}

function statusBytes(pid: number, field: "VmHWM"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) * 1024;
}
