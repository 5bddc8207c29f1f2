import type { EngineList } from "@berth/protocol";
import type { Context } from "../context.ts";

/** The engines of this server: what each can enforce, what was checked, and how full it is. */
export async function listEngines({ engines, policy, scheduler }: Context): Promise<EngineList> {
  const items = [...engines.values()].map(async (engine) => ({
    name: engine.name,
    default: engine.name === policy.defaultEngine,
    capabilities: engine.capabilities,
    checks: await engine.check(),
    slots: scheduler.slots(engine.name),
  }));
  return { items: await Promise.all(items) };
}
