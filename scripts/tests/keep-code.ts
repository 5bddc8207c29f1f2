import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/** Where Node keeps the code of programs that tests start, without types and compiled: a server starts in two thirds of the time. */
export const keptCode = resolve(root, "node_modules/.cache/berth-tests");

/** Before the first run: who is killed writes nothing there, and most servers of tests are. */
export function setup(): void {
  if (existsSync(keptCode)) return;
  const program = resolve(root, "packages/server/src/server.ts");
  const args = ["--conditions=berth-source", "--input-type=module", "-e", `await import("${program}")`];
  spawnSync(process.execPath, args, { env: { ...process.env, NODE_COMPILE_CACHE: keptCode } });
}
