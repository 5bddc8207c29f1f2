import { createHash } from "node:crypto";
import { type Config, defaultConfig } from "../../config/config.ts";
import { limitsOf, type LimitDefaults } from "../../core/limits.ts";
import type { CheckedOptions } from "./options.ts";

export type Settings = Omit<Config, "http" | "grpc" | "engine" | "moreEngines" | "log">;

/** The server's settings, as far as the options do not say otherwise. */
export function settingsOf(options: CheckedOptions, dataDir: string): Settings {
  const { maxJobs, enforcement, stopGraceMs, cgroup, limits: resources, timeouts } = options;
  const defaults = defaultConfig();
  return {
    ...defaults,
    dataDir,
    maxJobs: maxJobs ?? defaults.maxJobs,
    enforcement: enforcement ?? defaults.enforcement,
    stopGraceMs: stopGraceMs ?? defaults.stopGraceMs,
    local: { ...defaults.local, cgroup: cgroup ?? ownGroup(dataDir) },
    limits: defaultsOf({ resources, timeouts }, defaults.limits),
  };
}

/** The same for the same folder: the next executor there finds what this one left running. */
function ownGroup(dataDir: string): string {
  return `berth-${createHash("sha256").update(dataDir).digest("hex").slice(0, 16)}`;
}

function defaultsOf(asked: Parameters<typeof limitsOf>[0], otherwise: LimitDefaults): LimitDefaults {
  const { overflow: _, outputBytes, ...limits } = limitsOf(asked, otherwise);
  const values = Object.entries(limits).map(([name, limit]) => [name, limit?.value ?? null]);
  // The same names with their values: what `limitsOf` makes of every one of them.
  return {
    ...(Object.fromEntries(values) as Omit<LimitDefaults, "outputBytes">),
    outputBytes: outputBytes.value,
  };
}
