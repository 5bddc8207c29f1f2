import { type EngineList, operations } from "@berth/protocol";
import type { Readiness } from "../../core/readiness.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Context } from "../context.ts";

/** The engines of this server: what each can enforce, what was checked, and how full it is. */
export async function listEngines(
  { engines, policy, scheduler, access }: Context,
  { caller }: { caller: Caller },
): Promise<EngineList> {
  await access.demand(caller, operations.listEngines.permission);
  const items = [...engines.values()].map(async (engine) => ({
    name: engine.name,
    default: engine.name === policy.defaultEngine,
    capabilities: engine.capabilities,
    checks: await engine.check(),
    slots: slotsOf(scheduler, engine.name),
    readiness: readinessOf(scheduler.readiness(engine.name)),
  }));
  return { items: await Promise.all(items) };
}

function readinessOf(now: Readiness): EngineList["items"][number]["readiness"] {
  return { ready: now.ready, reason: now.ready ? null : now.reason };
}

function slotsOf(
  scheduler: Context["scheduler"],
  engine: string,
): { total: number; busy: number; queued: number } {
  const { total, busy, queued } = scheduler.slots(engine);
  return { total, busy, queued };
}
