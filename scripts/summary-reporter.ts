import type { Reporter, TestCase, TestModule } from "vitest/node";
import { judgeSkips } from "./tests/judge-skips.ts";
import { judgeSecondTries, secondTriesAllowed } from "./tests/second-tries.ts";

const STATES = ["passed", "failed", "skipped"] as const;

/**
 * Ends a test run with one line that people and programs can read: `N passed, N failed, N skipped`. With
 * `BERTH_TEST_ALL` the run is of everything: then it fails where a test was skipped that this host could have run. Before it
 * stands every test that needed a second try.
 */
export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const test of tests) counts[test.result().state] += 1;
    // A file that cannot be loaded has no tests to count, yet something failed.
    counts.failed += errors.length + modules.filter(failedToLoad).length;
    const skips = process.env["BERTH_TEST_ALL"] === undefined ? [] : skipLines(tests);
    const lines = [...skips, ...secondTryLines(tests)];
    process.once("exit", () => {
      for (const line of lines) console.log(line);
      console.log(STATES.map((state) => `${counts[state]} ${state}`).join(", "));
    });
  }
}

/** Says what was skipped, and makes the run fail for what should not have been. */
function skipLines(tests: readonly TestCase[]): string[] {
  const skipped = tests
    .filter((test) => test.result().state === "skipped")
    .map((test) => ({ file: test.module.relativeModuleId, title: test.fullName }));
  const { allowed, refused } = judgeSkips(skipped);
  if (refused.length === 0) return allowed;
  process.exitCode = 1;
  const who = process.getuid?.() === 0 ? "" : " You are not root: most of them start real isolated jobs.";
  const why = `FAILED: this host could have run tests that were skipped.${who} Lines with SKIPPED above say what each wanted;`;
  return [
    ...allowed,
    ...refused,
    `${why} what no host can be asked for is listed in scripts/tests/allowed-skips.ts`,
  ];
}

/** Names what passed at its second try, and makes the run fail where that is more than chance. */
function secondTryLines(tests: readonly TestCase[]): string[] {
  const tries = tests
    .filter((test) => test.diagnostic()?.flaky === true)
    .map((test) => ({
      file: test.module.relativeModuleId,
      title: test.fullName,
      fault: test.result().errors?.[0]?.message ?? "no error was kept",
    }));
  const { lines, areTooMany } = judgeSecondTries(tries, secondTriesAllowed());
  if (areTooMany) process.exitCode = 1;
  return lines;
}

function failedToLoad(module: TestModule): boolean {
  return module.state() === "failed" && [...module.children.allTests()].length === 0;
}
