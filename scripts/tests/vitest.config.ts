import { join, resolve } from "node:path";
import { defineConfig } from "vitest/config";
import { patiently } from "../../packages/server/test/support/patience.ts";
import { SummaryReporter } from "../summary-reporter.ts";
import { secondTriesAllowed } from "./second-tries.ts";

const root = resolve(import.meta.dirname, "../..");
const minute = 60_000;

/**
 * For guests, whose kernel is a program itself: each file takes them some times longer, so that they run the tests from the bundle that
 * their host has made, and one after the other in one process.
 */
export default defineConfig({
  root,
  test: {
    pool: "forks",
    isolate: false,
    fileParallelism: false,
    include: [
      join(
        process.env["BERTH_TEST_CHECKOUT"] ?? "",
        "packages/server/bundle/packages/server/test/**/*.test.js",
      ),
    ],
    exclude: [],
    testTimeout: patiently(5 * minute),
    hookTimeout: patiently(5 * minute),
    retry: secondTriesAllowed() > 0 ? 1 : 0,
    expect: { poll: { timeout: patiently(minute), interval: 10 } },
    reporters: ["default", new SummaryReporter()],
  },
});
