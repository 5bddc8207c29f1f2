import { readFileSync } from "node:fs";
import type { Check } from "@berth/protocol";
import type { HardLimits } from "./hard-limits.ts";

/** From here on nobody can open as many: each takes a quarter of a kilobyte of memory at least. */
const BEYOND_REACH = 2 ** 40;

/** What the kernel does for all of the host alike, whatever is set for a job. */
export function checkKernel(hardLimits: HardLimits, read = readSetting): Check[] {
  return [checkOpenFiles(read("fs/file-max")), checkCoreFiles(read("kernel/core_pattern"), hardLimits)];
}

function checkOpenFiles(most: string): Check {
  const name = "open-files";
  if (Number(most) >= BEYOND_REACH) return { name, status: "ok", detail: "bounded by memory", fix: null };
  return {
    name,
    status: "warning",
    detail: `${most || "an unknown number"} for all processes of the host together: one job can take all but root's`,
    fix: "sysctl fs.file-max=9223372036854775807, as systemd does: what jobs have open counts as their memory",
  };
}

/** A limit of 1 byte keeps the kernel from starting a program for a job's core file; one of 0 does not. */
function checkCoreFiles(pattern: string, { coreBytes }: HardLimits): Check {
  const name = "core-files";
  if (coreBytes > 0 || !/^[|@]/.test(pattern))
    return { name, status: "ok", detail: "none of jobs", fix: null };
  return {
    name,
    status: "warning",
    detail: `jobs that crash have the host start what kernel.core_pattern names: the server's hard limit is 0`,
    fix: "Start the server with a hard limit on core files of 1 or more (ulimit -Hc, LimitCORE)",
  };
}

/** Empty where the kernel does not say. */
function readSetting(name: string): string {
  try {
    return readFileSync(`/proc/sys/${name}`, "utf8").trim();
  } catch {
    return "";
  }
}
