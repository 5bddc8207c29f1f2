import {
  formatDuration,
  formatSize,
  type Capabilities,
  type IsolationItem,
  limitRows,
  limitUnits,
} from "@berth/protocol";
import { type Limits, whoSet } from "../../core/limits.ts";
import { impossibleFor } from "../../core/stages/surroundings.ts";
import type { Plan, PlannedLaunch } from "../engine.ts";

/** What the fake engine makes of a launch; `simulated`, because there is no process that anything could bind. */
export function planLaunch({ limits, ...surroundings }: PlannedLaunch, capabilities: Capabilities): Plan {
  const items: IsolationItem[] = [
    { name: "process", applied: false, detail: "Simulated: the fake engine executes no program" },
  ];
  const refused: Plan["refused"] = [];
  for (const { limit: name, unit, path, item } of limitRows) {
    if (item === undefined) continue;
    const limit = limits[name] ?? null;
    if (limit === null) {
      // As on a real host: what a job has no limit of is said too.
      if (item.unset !== null) items.push({ name: item.name, applied: false, detail: "none set" });
      continue;
    }
    const applied = capabilities[item.capability];
    const reason = `The fake engine was told to do without ${item.name}`;
    const shown = limitUnits[unit].show(limit.value);
    items.push({ name: item.name, applied, detail: applied ? `${shown}, ${whoSet(limit)}` : reason });
    if (!applied && limit.by === "job") refused.push({ field: path, reason });
  }
  items.push(...clockItems(limits));
  const impossible = impossibleFor(surroundings, capabilities);
  return { isolation: { level: "simulated", items }, refused, impossible };
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
