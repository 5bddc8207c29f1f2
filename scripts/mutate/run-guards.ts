import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Guard } from "./guards/guard.ts";
import { noteHeld, readHeld, stateOf } from "./held-guards.ts";
import { type ScratchTree, scratchTree } from "./scratch-tree.ts";

// A test that boots guests, on a loaded host, and waits in vain for what the guard would have brought about.
const patience = { stdio: "ignore", timeout: 30 * 60_000, killSignal: "SIGKILL" } as const;

interface Report {
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

interface Ran {
  passed: number;
  failed: number;
}

/**
 * Takes guards away one at a time in a copy of the tree, but for those that were held in the very state they are in unless they are to be
 * tried `again`; returns the names of those whose test did not fail.
 */
export function runGuards(guards: readonly Guard[], { again }: { again: boolean }): string[] {
  using tree = scratchTree();
  const whole = new Map<string, Ran>();
  const unnoticed: string[] = [];
  const held = readHeld();
  const rows = guards.map((guard) => ({ guard, state: stateOf(guard, tree.path) }));
  const open = rows.filter(({ guard, state }) => again || held[guard.guard] !== state);
  console.log(`  ${rows.length - open.length} were held before, and nothing of theirs has changed since`);
  for (const { guard, state } of open) {
    const key = `${guard.test}\0${guard.title ?? ""}`;
    const with_ = whole.get(key) ?? runTest(tree, guard);
    whole.set(key, with_);
    const problem = problemOf(guard, with_, tree);
    console.log(
      `  ${problem === null ? "held" : "NOT HELD"}: ${guard.guard}${problem === null ? "" : `: ${problem}`}`,
    );
    noteHeld(guard.guard, problem === null ? state : null);
    if (problem !== null) unnoticed.push(guard.guard);
  }
  return unnoticed;
}

/** Why this row proves nothing; null when its test passes with the guard, and fails without. */
function problemOf(guard: Guard, whole: Ran, tree: ScratchTree): string | null {
  if (whole.passed === 0) return `no test of ${guard.test} ran with the guard in place`;
  if (whole.failed > 0) return `${guard.test} fails with the guard in place`;
  const removals = [guard, ...(guard.also ? [guard.also] : [])];
  const before = removals.map(({ file }) => ({ path: join(tree.path, file), text: read(tree, file) }));
  try {
    for (const { file, take, leave = "" } of removals) {
      const parts = read(tree, file).split(take);
      if (parts.length !== 2) return `its text stands ${parts.length - 1} times in ${file}, not once`;
      writeFileSync(join(tree.path, file), parts.join(leave));
    }
    const without = runTest(tree, guard);
    if (without.failed > 0) return null;
    return without.passed === 0 ? "without it no test could be loaded" : `${guard.test} passes without it`;
  } finally {
    for (const { path, text } of before) writeFileSync(path, text);
  }
}

function read(tree: ScratchTree, file: string): string {
  return readFileSync(join(tree.path, file), "utf8");
}

function runTest(tree: ScratchTree, { test, title, where }: Guard): Ran {
  const report = join(tree.path, "report.json");
  writeFileSync(report, "{}");
  // Pid 1 and the shim are made of C, which git does not know the program of: of what stands there now.
  const made = spawnSync(join(tree.path, "packages/server/native/build"), {
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (made.status !== 0) return { passed: 0, failed: 0 };
  const only = title === undefined ? [] : ["-t", title];
  const vitest = [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--reporter=json",
    `--outputFile=${report}`,
    ...only,
  ];
  if (where === "guest") runInGuest(tree, vitest, test);
  else spawnSync(process.execPath, [...vitest, test], { cwd: tree.path, ...patience });
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

/**
 * The guest sees this host's files, and writes to the copy alone. It runs what the host has bundled: to do that itself takes more mappings
 * of memory than a kernel in user mode may have.
 */
function runInGuest(tree: ScratchTree, vitest: readonly string[], test: string): void {
  const vm = process.env["BERTH_TEST_VM"];
  if (vm === undefined) return;
  const checkout = join(tree.path, "node_modules/.cache/guest");
  const bundling = `(await import("./scripts/tests/make-checkout.ts")).makeCheckout(${JSON.stringify(checkout)})`;
  spawnSync(process.execPath, ["--input-type=module", "--eval", `await ${bundling}`], {
    cwd: tree.path,
    ...patience,
  });
  const env = { ...process.env, VM_STATE: join(tree.path, ".vm"), VM_SHARE: tree.path };
  const config = ["--config=scripts/tests/vitest.config.ts", "--configLoader=native"];
  const line = [process.execPath, ...vitest, ...config, `bundle/${test.replace(/\.ts$/, ".js")}`];
  const variables = ["TMPDIR=/scratch", `BERTH_TEST_CHECKOUT=${checkout}`];
  try {
    spawnSync(vm, ["up"], { cwd: tree.path, env, ...patience });
    spawnSync(vm, ["exec", "env", ...variables, ...line], { cwd: tree.path, env, ...patience });
  } finally {
    spawnSync(vm, ["down"], { cwd: tree.path, env, ...patience });
  }
}
