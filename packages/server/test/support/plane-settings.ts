import type { ControlPlaneSettings } from "../../src/control-plane.ts";
import { eachLimit } from "../../src/core/limits.ts";

/** Of control planes that tests open without a configuration: nothing is swept by its age or its size. */
export const planeSettings: Omit<ControlPlaneSettings, "dataDir"> = {
  database: { kind: "sqlite" },
  limits: {
    ...eachLimit(() => null),
    memory: 2 ** 29,
    pids: 512,
    runMs: 3_600_000,
    outputBytes: 2 ** 30,
  },
  enforcement: "strict",
  stopGraceMs: 5000,
  secrets: { keys: null, folder: null },
  network: { defined: {}, allowed: [], default: "none" },
  queueLength: 100,
  keep: { jobsForMs: 3650 * 86_400_000, outputBytes: 2 ** 50, uploadsForMs: 3650 * 86_400_000 },
  uploads: { perPrincipal: 2 ** 30, total: 2 ** 31 },
};
