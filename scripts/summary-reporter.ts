import type { Reporter, TestModule } from "vitest/node";

const STATES = ["passed", "failed", "skipped"] as const;

/** Ends a test run with one line that people and programs can read: `N passed, N failed, N skipped`. */
export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const test of tests) counts[test.result().state] += 1;
    // A file that cannot be loaded has no tests to count, yet something failed.
    counts.failed += errors.length + modules.filter(failedToLoad).length;
    process.once("exit", () => console.log(STATES.map((state) => `${counts[state]} ${state}`).join(", ")));
  }
}

function failedToLoad(module: TestModule): boolean {
  return module.state() === "failed" && [...module.children.allTests()].length === 0;
}
