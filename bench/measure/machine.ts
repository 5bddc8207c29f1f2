import { statfsSync } from "node:fs";
import { arch, availableParallelism, cpus, release, totalmem } from "node:os";

const CGROUP2_MAGIC = 0x63677270;

/** What a reader needs to judge the figures; nothing that names the host. */
export function describeMachine(runtimeVersion: string): string[] {
  return [
    `${cpus()[0]?.model.trim() ?? "unknown CPU"}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${arch()}`,
    `Linux ${release().replace(/-.*/, "")}, ${isUnified() ? "cgroup v2" : "hybrid cgroups"}`,
    `Node ${process.versions.node}, ${runtimeVersion}`,
  ];
}

export function isUnified(): boolean {
  return statfsSync("/sys/fs/cgroup").type === CGROUP2_MAGIC;
}
