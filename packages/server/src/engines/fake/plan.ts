import {
  formatDuration,
  formatSize,
  type Capabilities,
  type Isolation,
  type IsolationItem,
} from "@berth/protocol";
import { type Limits, whoSet } from "../../core/limits.ts";

type Enforced = Extract<
  keyof Capabilities,
  "cpuLimit" | "memoryLimit" | "memoryHigh" | "ioLimits" | "pidsLimit" | "diskLimit"
>;

interface LimitRow {
  limit: keyof Limits & ("cpu" | "memory" | "memoryHigh" | "ioRead" | "ioWrite" | "pids" | "disk");
  name: string;
  field: string;
  capability: Enforced;
  format(value: number): string;
}

const rate = (value: number): string => `${formatSize(value)}/s`;

const rows: readonly LimitRow[] = [
  {
    limit: "cpu",
    name: "cpu-limit",
    field: "resources.cpu",
    capability: "cpuLimit",
    format: (value) => `${value} cores`,
  },
  {
    limit: "memory",
    name: "memory-limit",
    field: "resources.memory",
    capability: "memoryLimit",
    format: formatSize,
  },
  {
    limit: "memoryHigh",
    name: "memory-high",
    field: "resources.memoryHigh",
    capability: "memoryHigh",
    format: formatSize,
  },
  {
    limit: "ioRead",
    name: "io-read-limit",
    field: "resources.io.read",
    capability: "ioLimits",
    format: rate,
  },
  {
    limit: "ioWrite",
    name: "io-write-limit",
    field: "resources.io.write",
    capability: "ioLimits",
    format: rate,
  },
  { limit: "pids", name: "pids-limit", field: "resources.pids", capability: "pidsLimit", format: String },
  { limit: "disk", name: "disk-limit", field: "resources.disk", capability: "diskLimit", format: formatSize },
];

export interface Plan {
  isolation: Isolation;
  refused: { field: string; reason: string }[];
}

/** What the fake engine makes of these limits; `simulated`, because there is no process that they could bind. */
export function planLimits(limits: Limits, capabilities: Capabilities): Plan {
  const items: IsolationItem[] = [
    { name: "process", applied: false, detail: "Simulated: the fake engine executes no program" },
  ];
  const refused: Plan["refused"] = [];
  for (const row of rows) {
    const limit = limits[row.limit];
    if (limit === null) {
      // As on a real host: what a job has no limit of is said too.
      if (row.limit !== "memoryHigh") items.push({ name: row.name, applied: false, detail: "none set" });
      continue;
    }
    const applied = capabilities[row.capability];
    const reason = `The fake engine was told to do without ${row.name}`;
    items.push({
      name: row.name,
      applied,
      detail: applied ? `${row.format(limit.value)}, ${whoSet(limit)}` : reason,
    });
    if (!applied && limit.by === "job") refused.push({ field: row.field, reason });
  }
  items.push(...clockItems(limits));
  return { isolation: { level: "simulated", items }, refused };
}

function clockItems({ runMs, outputBytes }: Limits): IsolationItem[] {
  const output: IsolationItem = {
    name: "output-limit",
    applied: true,
    detail: `${formatSize(outputBytes.value)} a stream, ${whoSet(outputBytes)}`,
  };
  if (runMs === null) return [output];
  return [
    output,
    { name: "run-timeout", applied: true, detail: `${formatDuration(runMs.value)}, ${whoSet(runMs)}` },
  ];
}
