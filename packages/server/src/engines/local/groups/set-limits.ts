import { dirname } from "node:path";
import type { LimitHeldBy } from "@berth/protocol";
import type { HostCap } from "../local-engine-options.ts";
import { readControl, readNumber, enforce, writeControl } from "./control-file.ts";
import type { Layout } from "./layout.ts";

/** Limits of one group in machine units: cores, bytes, processes, bytes a second. null sets none. */
export type GroupLimits = Readonly<Record<LimitHeldBy<"control group">, number | null>>;

const PERIOD_US = 100_000;
/** The kernel takes no smaller quota. */
const SMALLEST_QUOTA_US = 1000;
const PAGE = 4096;

/** Writes each limit that is set and that this host can hold, and reads each back. Throws when one does not hold. */
export function setLimits(
  layout: Layout,
  request: { group: string; limits: GroupLimits; devices: readonly string[] },
): void {
  const { limits } = request;
  const inside = (folder: string): string => `${folder}/${request.group}`;
  if (layout.cpu && limits.cpu !== null)
    setCpu(inside(layout.cpu.folder), { version: layout.cpu.version, cores: limits.cpu });
  if (layout.pids !== null && limits.pids !== null) {
    enforce(inside(layout.pids), { file: "pids.max", value: String(limits.pids) });
  }
  if (layout.memory !== null) setMemory(inside(layout.memory), limits);
  if (layout.io !== null) setIo(inside(layout.io), { ...limits, devices: request.devices });
}

/** Caps all jobs together; null takes off the cap of an earlier server. */
export function setCap(layout: Layout, cap: HostCap): void {
  if (layout.cpu && cap.cpu !== null)
    setCpu(layout.cpu.folder, { version: layout.cpu.version, cores: cap.cpu });
  else if (layout.cpu?.version === 2) writeControl(layout.cpu.folder, { file: "cpu.max", value: "max" });
  else if (layout.cpu) writeControl(layout.cpu.folder, { file: "cpu.cfs_quota_us", value: "-1" });
  if (layout.pids !== null) enforce(layout.pids, { file: "pids.max", value: String(cap.pids ?? "max") });
  if (layout.memory === null) return;
  if (cap.memory === null) enforce(layout.memory, { file: "memory.max", value: "max" });
  else enforceBytes(layout.memory, { file: "memory.max", bytes: cap.memory });
  // Else what no longer fits would go to the swap of everybody.
  if (readControl(layout.memory, "memory.swap.max") !== null)
    enforce(layout.memory, { file: "memory.swap.max", value: cap.memory === null ? "max" : "0" });
}

function setCpu(group: string, { version, cores }: { version: 1 | 2; cores: number }): void {
  const quota = Math.max(Math.round(cores * PERIOD_US), SMALLEST_QUOTA_US);
  if (version === 2) return enforce(group, { file: "cpu.max", value: `${quota} ${PERIOD_US}` });
  enforce(group, { file: "cpu.cfs_period_us", value: String(PERIOD_US) });
  enforceQuota(group, quota);
}

/** Version 1 takes no more than a group above has, which holds all the same: version 2 takes any, and means the least. */
function enforceQuota(group: string, quota: number): void {
  const file = "cpu.cfs_quota_us";
  try {
    enforce(group, { file, value: String(quota) });
  } catch (error) {
    const most = (error as NodeJS.ErrnoException).code === "EINVAL" ? quotaAbove(group) : null;
    if (most === null || most >= quota) throw error;
    enforce(group, { file, value: String(most) });
  }
}

/** Of the nearest group above that has one, in microseconds of a period of ours; null where none has. */
function quotaAbove(group: string): number | null {
  for (let at = dirname(group); ; at = dirname(at)) {
    const period = readNumber(at, "cpu.cfs_period_us");
    if (period === null) return null;
    const quota = readNumber(at, "cpu.cfs_quota_us");
    if (quota !== null) return Math.floor((quota * PERIOD_US) / period);
  }
}

function setMemory(group: string, { memory, memoryHigh }: GroupLimits): void {
  if (memoryHigh !== null) enforceBytes(group, { file: "memory.high", bytes: memoryHigh });
  // Also where only the cap of all jobs, or the host, runs out: then one job ends whole, and never half of it.
  enforce(group, { file: "memory.oom.group", value: "1" });
  if (memory === null) return;
  enforceBytes(group, { file: "memory.max", bytes: memory });
  // Without this a job could move its memory to the swap of everybody.
  if (readControl(group, "memory.swap.max") !== null) enforce(group, { file: "memory.swap.max", value: "0" });
}

/** The kernel rounds down to whole pages. */
function enforceBytes(group: string, { file, bytes }: { file: string; bytes: number }): void {
  const value = String(Math.max(Math.floor(bytes / PAGE), 1) * PAGE);
  enforce(group, { file, value });
}

function setIo(
  group: string,
  { ioRead, ioWrite, devices }: { ioRead: number | null; ioWrite: number | null; devices: readonly string[] },
): void {
  if (ioRead === null && ioWrite === null) return;
  const rates = [ioRead === null ? "" : ` rbps=${ioRead}`, ioWrite === null ? "" : ` wbps=${ioWrite}`].join(
    "",
  );
  for (const device of devices) {
    const holds = (text: string): boolean =>
      text.split("\n").some(
        (line) =>
          line.startsWith(`${device} `) &&
          rates
            .trim()
            .split(" ")
            .every((rate) => line.split(" ").includes(rate)),
      );
    enforce(group, { file: "io.max", value: `${device}${rates}`, is: holds });
  }
}

/** Makes the kernel end every process of the group and below, also stopped and frozen ones. */
export function killGroup(group: string): void {
  try {
    writeControl(group, { file: "cgroup.kill", value: "1" });
  } catch (error) {
    // Its shim has taken it away meanwhile: nobody was left in it.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENODEV") throw error;
  }
}
