import { readFileSync, statfsSync } from "node:fs";
import { join } from "node:path";

/** `v2`: one hierarchy does everything. `hybrid`: v1 limits, v2 tracks. `none`: nothing tracks a job's tree. */
type CgroupMode = "v2" | "hybrid" | "none";

/** Where the groups of jobs are made, by what they are for; null: this host cannot do it. */
export interface Layout {
  mode: CgroupMode;
  /** A cgroup2 folder: tracks, freezes and kills a tree, counts its CPU time. */
  tracking: string;
  cpu: { version: 1 | 2; folder: string } | null;
  pids: string | null;
  memory: string | null;
  io: string | null;
}

const CGROUP2_MAGIC = 0x63677270;
const CGROUP1_MAGIC = 0x27e0eb;
const ROOT = "/sys/fs/cgroup";

/** Tells a mounted hierarchy by the kernel's own mark: on a plain folder writes "succeed" into files. */
function isHierarchy(folder: string, version: 1 | 2): boolean {
  try {
    return statfsSync(folder).type === (version === 2 ? CGROUP2_MAGIC : CGROUP1_MAGIC);
  } catch {
    return false;
  }
}

/** Looks at the host once; nothing is made or written. */
export function findLayout(cgroupName: string): Layout {
  const below = (root: string): string => join(root, cgroupName, "jobs");
  if (isHierarchy(ROOT, 2)) {
    const has = new Set(readFileSync(join(ROOT, "cgroup.controllers"), "utf8").trim().split(" "));
    const folder = below(ROOT);
    return {
      mode: "v2",
      tracking: folder,
      cpu: has.has("cpu") ? { version: 2, folder } : null,
      pids: has.has("pids") ? folder : null,
      memory: has.has("memory") ? folder : null,
      io: has.has("io") ? folder : null,
    };
  }
  const unified = join(ROOT, "unified");
  const v1 = (controller: string): string | null =>
    isHierarchy(join(ROOT, controller), 1) ? below(join(ROOT, controller)) : null;
  const cpu = v1("cpu") ?? v1("cpu,cpuacct");
  return {
    mode: isHierarchy(unified, 2) ? "hybrid" : "none",
    tracking: below(unified),
    cpu: cpu === null ? null : { version: 1, folder: cpu },
    pids: v1("pids"),
    // The v1 memory and block hierarchies are left alone: the machine's own supervisor may be using them.
    memory: null,
    io: null,
  };
}

/** Every distinct folder that a job's group is made in, tracking first. */
export function groupFolders(layout: Layout): string[] {
  const all = [layout.tracking, layout.cpu?.folder, layout.pids, layout.memory, layout.io];
  return [...new Set(all.filter((folder) => typeof folder === "string"))];
}
