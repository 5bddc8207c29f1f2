import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Guard } from "./guards/guard.ts";
import { type ScratchTree, scratchTree } from "./scratch-tree.ts";

const patienceMs = 15 * 60_000;

interface Report {
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

interface Ran {
  passed: number;
  failed: number;
}

/** Takes guards away one at a time in a copy of the tree; returns the names of those whose test did not fail. */
export function runGuards(guards: readonly Guard[]): string[] {
  using tree = scratchTree();
  const whole = new Map<string, Ran>();
  const unnoticed: string[] = [];
  for (const guard of guards) {
    const key = `${guard.test}\0${guard.title ?? ""}`;
    const with_ = whole.get(key) ?? runTest(tree, guard);
    whole.set(key, with_);
    const problem = problemOf(guard, with_, tree);
    console.log(
      `  ${problem === null ? "held" : "NOT HELD"}: ${guard.guard}${problem === null ? "" : `: ${problem}`}`,
    );
    if (problem !== null) unnoticed.push(guard.guard);
  }
  return unnoticed;
}

/** Why this row proves nothing; null when its test passes with the guard, and fails without. */
function problemOf(guard: Guard, whole: Ran, tree: ScratchTree): string | null {
  if (whole.passed === 0) return `no test of ${guard.test} ran with the guard in place`;
  if (whole.failed > 0) return `${guard.test} fails with the guard in place`;
  const path = join(tree.path, guard.file);
  const text = readFileSync(path, "utf8");
  const parts = text.split(guard.take);
  if (parts.length !== 2) return `its text stands ${parts.length - 1} times in ${guard.file}, not once`;
  writeFileSync(path, parts.join(guard.leave ?? ""));
  try {
    const without = runTest(tree, guard);
    if (without.failed > 0) return null;
    return without.passed === 0 ? "without it no test could be loaded" : `${guard.test} passes without it`;
  } finally {
    writeFileSync(path, text);
  }
}

function runTest(tree: ScratchTree, { test, title, where }: Guard): Ran {
  const report = join(tree.path, "report.json");
  writeFileSync(report, "{}");
  const args = [
    "run",
    "--reporter=json",
    `--outputFile=${report}`,
    ...(title === undefined ? [] : ["-t", title]),
    test,
  ];
  const vitest = join(tree.path, "node_modules/vitest/vitest.mjs");
  const line = [process.execPath, vitest, ...args];
  const command =
    where === "guest" ? [process.execPath, "scripts/mutate/in-guest.ts", tree.path, ...line] : line;
  const [program = "", ...words] = command;
  const cwd = where === "guest" ? process.cwd() : tree.path;
  spawnSync(program, words, { cwd, stdio: "ignore", timeout: patienceMs, killSignal: "SIGKILL" });
  const { testResults = [] } = JSON.parse(readFileSync(report, "utf8")) as Partial<Report>;
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  // A hook that fails leaves its tests as skipped; a file that cannot be loaded has none.
  const failedHooks = testResults.filter(
    ({ status, assertionResults: own }) => status === "failed" && own.length > 0,
  );
  const failed = tests.filter(({ status }) => status === "failed").length;
  return {
    passed: tests.filter(({ status }) => status === "passed").length,
    failed: failed || failedHooks.length,
  };
}
