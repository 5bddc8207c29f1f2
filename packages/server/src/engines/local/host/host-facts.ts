import { readFileSync } from "node:fs";
import type { Capabilities } from "@berth/protocol";
import type { Layout } from "../groups/layout.ts";

/** What this host can hold, looked at once at the start. */
export interface HostFacts {
  layout: Layout;
  /** Block devices of the data folder, MAJOR:MINOR. */
  devices: readonly string[];
  /** Most open files that a process of ours may have. */
  openFiles: number;
}

export function capabilitiesOf({ layout, devices }: HostFacts): Capabilities {
  const memory = layout.memory !== null;
  return {
    splitStreams: true,
    cpuLimit: layout.cpu !== null,
    memoryLimit: memory,
    memoryHigh: memory,
    ioLimits: layout.io !== null && devices.length > 0,
    pidsLimit: layout.pids !== null,
    diskLimit: true,
    networkProfiles: ["none"],
    exec: false,
    connect: false,
    pause: false,
  };
}

/** Our own hard limit of open files. A job's may not be above it: raising needs a privilege. */
export function hardOpenFiles(): number {
  const line = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
  return line === undefined || line === "unlimited" ? 1_048_576 : Number(line);
}
