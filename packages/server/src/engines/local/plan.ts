import { formatSize, type Capabilities, type Isolation, type IsolationItem } from "@berth/protocol";
import { type Limits, whoSet } from "../../core/limits.ts";
import type { HostFacts } from "./host/host-facts.ts";

export interface Plan {
  isolation: Isolation;
  refused: { field: string; reason: string }[];
}

interface LimitRow {
  limit: "cpu" | "memory" | "memoryHigh" | "ioRead" | "ioWrite" | "pids" | "disk";
  name: string;
  field: string;
  capability: keyof Capabilities;
  show(value: number): string;
  /** What a job without this limit has; a limit that has no such words is only told of when somebody set it. */
  unset?: string;
}

const rate = (value: number): string => `${formatSize(value)}/s`;
const cores = (value: number): string => (value === 1 ? "1 core" : `${value} cores`);

const LIMITS: readonly LimitRow[] = [
  {
    limit: "cpu",
    name: "cpu-limit",
    field: "resources.cpu",
    capability: "cpuLimit",
    show: cores,
    unset: "none set, an equal share of what all jobs together may use",
  },
  {
    limit: "memory",
    name: "memory-limit",
    field: "resources.memory",
    capability: "memoryLimit",
    show: formatSize,
    unset: "none set",
  },
  {
    limit: "memoryHigh",
    name: "memory-high",
    field: "resources.memoryHigh",
    capability: "memoryHigh",
    show: formatSize,
  },
  {
    limit: "ioRead",
    name: "io-read-limit",
    field: "resources.io.read",
    capability: "ioLimits",
    show: rate,
    unset: "none set",
  },
  {
    limit: "ioWrite",
    name: "io-write-limit",
    field: "resources.io.write",
    capability: "ioLimits",
    show: rate,
    unset: "none set",
  },
  {
    limit: "pids",
    name: "pids-limit",
    field: "resources.pids",
    capability: "pidsLimit",
    show: String,
    unset: "none set",
  },
  {
    limit: "disk",
    name: "disk-limit",
    field: "resources.disk",
    capability: "diskLimit",
    show: formatSize,
    unset: "none set",
  },
];

const item = (name: string, detail: string): IsolationItem => ({ name, applied: true, detail });

/** What every job has on every host that can run one: without it nothing starts. */
export const everyJobHas: readonly IsolationItem[] = [
  item("user-namespace", "runs as user 1000 of a range of ids that no one else on the host has"),
  item("pid-namespace", "sees no process but its own, and all of them end with its main process"),
  item("mount-namespace", "host toolchain read-only, own /work, /tmp and /dev; nothing else of the host"),
  item("network-namespace", "none: a loopback interface only"),
  item("ipc-namespace", "own"),
  item("uts-namespace", "own host name"),
  item("cgroup-namespace", "own"),
  item("capabilities", "all dropped"),
  item("no-new-privileges", "on"),
  item("seccomp", "allow-list of system calls, no 32-bit calls"),
];

/** Which isolation a job with these limits gets on this host. */
export function planIsolation(
  limits: Limits,
  { host, capabilities }: { host: HostFacts; capabilities: Capabilities },
): Plan {
  const items: IsolationItem[] = [...everyJobHas];
  const refused: Plan["refused"] = [];
  for (const row of LIMITS) {
    const limit = limits[row.limit];
    const wanted = limit === null ? row.unset : `${row.show(limit.value)}, ${whoSet(limit)}`;
    if (wanted === undefined) continue;
    const enforceable = capabilities[row.capability] === true;
    const reason = whyNot(row, host);
    items.push({
      name: row.name,
      applied: enforceable && limit !== null,
      detail: enforceable ? wanted : `${wanted}: ${reason}`,
    });
    if (!enforceable && limit?.by === "job") refused.push({ field: row.field, reason });
  }
  return { isolation: { level: "namespaces", items }, refused };
}

/** With how the limit on the disk is held, which is known once the job's folder is there. */
export function withDiskBound(isolation: Isolation, bound: "quota" | "measured"): Isolation {
  const how = bound === "quota" ? "a quota of the file system" : "measured every few seconds and at the end";
  const items = isolation.items.map((one) =>
    one.name === "disk-limit" && one.applied ? { ...one, detail: `${one.detail}: ${how}` } : one,
  );
  return { ...isolation, items };
}

function whyNot({ capability }: LimitRow, { layout, devices }: HostFacts): string {
  if (capability === "ioLimits" && layout.io !== null && devices.length === 0) {
    return "the data folder lies on no block device of this host";
  }
  if (layout.mode === "v2") return "this host's kernel does not offer the controller for it";
  return "this host has control groups of version 1, of which Berth uses cpu and pids only; version 2 is needed";
}
