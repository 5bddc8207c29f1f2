import { join } from "node:path";
import type { Config } from "../config/config.ts";
import type { Clock } from "../lib/clock.ts";
import type { Engine } from "./engine.ts";
import { createFakeEngine } from "./fake/engine.ts";
import { createLocalEngine } from "./local/engine.ts";

/** Opens the engine that the settings name. Jobs of an engine that is not named any more end as not known. */
export async function openEngine(
  config: Config,
  { clock, notice }: { clock: Clock; notice: (text: string, detail: Record<string, unknown>) => void },
): Promise<Engine> {
  switch (config.engine) {
    case "fake":
      return createFakeEngine({ root: join(config.dataDir, "fake"), clock });
    case "local":
      return createLocalEngine({
        dataDir: config.dataDir,
        cgroupName: config.local.cgroup,
        runtime: config.local.runtime,
        warmSandboxes: config.local.warmSandboxes,
        hostCap: config.jobsCap,
        onNotice: notice,
      });
    default:
      return config.engine satisfies never;
  }
}
