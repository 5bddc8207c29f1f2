import type { Capabilities, NetworkAbility } from "@berth/protocol";
import type { HardLimits } from "./hard-limits.ts";
import { takesSecrets } from "./check-secrets.ts";
import type { Layout } from "../groups/layout.ts";

/** Why a job's folder cannot be laid over one of the server's, and what would help. */
export interface NoOverlay {
  why: string;
  fix: string;
}

/** What this host can hold, looked at once at the start. */
export interface HostFacts {
  layout: Layout;
  /** Block devices of the data folder, MAJOR:MINOR. */
  devices: readonly string[];
  /** Why no folder can be laid over another here; null where that can be. */
  noOverlay: NoOverlay | null;
  hardLimits: HardLimits;
  /** Of the kernel: `6.1.0-13-amd64`. */
  release: string;
}

export function capabilitiesOf(
  { layout, devices, noOverlay, release }: HostFacts,
  { abilities }: { abilities: readonly NetworkAbility[] },
): Capabilities {
  const memory = layout.memory !== null;
  return {
    splitStreams: true,
    cpuLimit: layout.cpu !== null,
    memoryLimit: memory,
    memoryHigh: memory,
    ioLimits: layout.io !== null && devices.length > 0,
    pidsLimit: layout.pids !== null,
    diskLimit: true,
    roots: ["host-toolchain"],
    mounts: false,
    overlays: noOverlay === null,
    networkProfiles: [...abilities],
    secrets: takesSecrets(release),
    sources: true,
    connect: true,
  };
}
