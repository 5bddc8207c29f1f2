import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { SummaryReporter } from "./scripts/summary-reporter.ts";

const source = "berth-source";
const conditions = [source, "module", "node", "development|production"];
const minute = 60_000;

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: [source] } },
  test: {
    pool: "forks",
    execArgv: [`--conditions=${source}`],
    maxWorkers: availableParallelism() > 2 ? 3 : 2,
    retry: 0,
    passWithNoTests: true,
    reporters: ["default", new SummaryReporter()],
    coverage: { provider: "v8", include: ["packages/*/src/**"] },
    // Quick tests first: a group starts when the one before it has ended.
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          sequence: { groupOrder: 0 },
          include: ["packages/*/src/**/*.test.ts", "scripts/**/*.test.ts"],
          testTimeout: 5_000,
        },
      },
      {
        extends: true,
        test: {
          name: "integration",
          sequence: { groupOrder: 1 },
          include: ["packages/*/test/**/*.test.ts"],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          sequence: { groupOrder: 2 },
          include: ["e2e/**/*.test.ts"],
          // One at a time: these tests share the host's control groups and runtime.
          fileParallelism: false,
          testTimeout: 2 * minute,
          hookTimeout: minute,
        },
      },
    ],
  },
});
