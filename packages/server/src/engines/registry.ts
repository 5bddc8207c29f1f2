import { join } from "node:path";
import type { Config } from "../config/config.ts";
import type { EngineName } from "../config/parsers.ts";
import type { Clock } from "../lib/clock.ts";
import type { Engine } from "./engine.ts";
import { createLocalEngine } from "./local/engine.ts";

export interface EngineSurroundings {
  clock: Clock;
  /** Hears of what an operator should know and no caller is told. */
  notice: (text: string, detail: Record<string, unknown>) => void;
}

/**
 * How to open each engine that the settings name, the one for jobs that name none first. Jobs of an engine that is not
 * named any more end as not known.
 */
export function enginesOf(config: Config, surroundings: EngineSurroundings): (() => Promise<Engine>)[] {
  const names = new Set([config.engine, ...config.moreEngines]);
  return [...names].map((name) => () => openEngine(name, { config, ...surroundings }));
}

async function openEngine(
  name: EngineName,
  { config, clock, notice }: { config: Config } & EngineSurroundings,
): Promise<Engine> {
  const { dataDir, maxJobs } = config;
  switch (name) {
    case "fake": {
      const { createFakeEngine } = await import("./fake/engine.ts");
      return createFakeEngine({ root: join(dataDir, "fake"), clock, maxJobs });
    }
    case "local":
      return createLocalEngine({
        dataDir,
        maxJobs,
        cgroupName: config.local.cgroup,
        runtime: config.local.runtime,
        sandboxMaker: config.local.sandboxMaker,
        warmSandboxes: config.local.warmSandboxes,
        warmNetworked: config.local.warmNetworked,
        range: config.local.networkRange,
        foreignChanges: config.local.foreignChanges,
        hostCap: config.jobsCap,
        onNotice: notice,
      });
    default:
      return name satisfies never;
  }
}
