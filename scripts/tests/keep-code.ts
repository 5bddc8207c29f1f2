import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { makeCheckout } from "./make-checkout.ts";

const root = resolve(import.meta.dirname, "../..");
const kept = join(root, "node_modules/.cache/berth-tests");

/** Where Node keeps the compiled code of programs that tests start. */
export const keptCode = join(kept, "compiled");

/** What servers of tests are started from; see make-checkout.ts. */
export const keptCheckout = join(kept, "checkout");

const stamp = join(kept, "checkout-of");

/** Before the first run, and after each change of the sources; not in a guest, which has what its host has made. */
export async function setup(): Promise<void> {
  if (process.env["BERTH_TEST_CHECKOUT"] !== undefined) return;
  const made = whatItIsMadeOf();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === made) return;
  await makeCheckout(keptCheckout);
  await compile();
  writeFileSync(stamp, made);
}

/** By place, size and time: to read them all would take as long as a small test. */
function whatItIsMadeOf(): string {
  const files = globSync(
    [
      "packages/{cli,protocol,sdk,server}/{src,test/{networks,support}}/**/*.ts",
      "e2e/support/*.ts",
      "scripts/{bundle,tests}/*.ts",
      "{bin/berth,package-lock.json,packages/*/package.json,packages/cli/bin/berth.cjs}",
    ],
    { cwd: root },
  );
  return [root, ...files.toSorted()]
    .map((file) => {
      const { size, mtimeMs } = statSync(resolve(root, file));
      return file === root ? root : `${file} ${size} ${mtimeMs}`;
    })
    .join("\n");
}

/** Runs a server for a moment and ends it in peace: who is killed keeps no code, and most servers of tests are. */
async function compile(): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "berth-compile-"));
  const server = start(folder.path, join(keptCheckout, "bin/berth"), "server");
  createInterface({ input: server.stdout }).once("line", () => server.kill("SIGTERM"));
  await endOf(server);
  const parts = globSync(join(keptCheckout, "packages/server/bundle/parts/*.js"));
  const loading = `await Promise.all(${JSON.stringify(parts)}.map((part) => import(part)))`;
  await endOf(start(folder.path, process.execPath, "--input-type=module", "--eval", loading));
  await endOf(start(folder.path, join(keptCheckout, "bin/berth"), "--version"));
}

function start(cwd: string, program: string, ...args: string[]) {
  return spawn(program, args, {
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 60_000,
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: keptCode,
      BERTH_DATA_DIR: join(cwd, "data"),
      BERTH_HTTP_ADDRESS: "127.0.0.1:0",
      BERTH_GRPC_ADDRESS: "none",
      BERTH_ENGINE: "fake",
      BERTH_LIMITS: "best-effort",
      BERTH_LOG_LEVEL: "silent",
    },
  });
}

async function endOf(program: ChildProcess): Promise<void> {
  const [code, signal] = (await once(program, "exit")) as [number | null, string | null];
  const what = program.spawnargs.slice(0, 2).join(" ");
  if (code !== 0)
    throw new Error(`Cannot prepare what tests start: "${what}" has ended with ${code ?? signal}`);
}
