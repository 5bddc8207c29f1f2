import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { bundleServer } from "./bundle-server.ts";

const root = resolve(import.meta.dirname, "../..");
const kept = join(root, "node_modules/.cache/berth-tests");

/** Where Node keeps the compiled code of programs that tests start. */
export const keptCode = join(kept, "compiled");

/** What servers of tests are started from; see bundle-server.ts. */
export const keptCheckout = join(kept, "checkout");

const stamp = join(kept, "checkout-of");

/** Before the first run, and after each change of the sources; not in a guest, which has what its host has made. */
export async function setup(): Promise<void> {
  if (process.env["BERTH_TEST_CHECKOUT"] !== undefined) return;
  const made = whatItIsMadeOf();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === made) return;
  await bundleServer(keptCheckout);
  await compile();
  writeFileSync(stamp, made);
}

/** By place, size and time: to read them all would take as long as a small test. */
function whatItIsMadeOf(): string {
  const sources = globSync("packages/{server,protocol}/src/**/*.ts", { cwd: root }).toSorted();
  const others = [
    "bin/berth",
    "package-lock.json",
    "packages/server/package.json",
    "packages/server/test/support/arm-crash-point.ts",
    "scripts/tests/bundle-server.ts",
    "scripts/bundle/bundle-server-parts.ts",
  ];
  return [root, ...others, ...sources]
    .map((file) => {
      const { size, mtimeMs } = statSync(resolve(root, file));
      return file === root ? root : `${file} ${size} ${mtimeMs}`;
    })
    .join("\n");
}

/** Runs a server for a moment and ends it in peace: who is killed keeps no code, and most servers of tests are. */
async function compile(): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "berth-compile-"));
  const server = spawn(join(keptCheckout, "bin/berth"), ["server"], {
    cwd: folder.path,
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 60_000,
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: keptCode,
      BERTH_DATA_DIR: join(folder.path, "data"),
      BERTH_HTTP_ADDRESS: "127.0.0.1:0",
      BERTH_GRPC_ADDRESS: "none",
      BERTH_ENGINE: "fake",
      BERTH_LIMITS: "best-effort",
      BERTH_LOG_LEVEL: "silent",
    },
  });
  const ended = once(server, "exit");
  createInterface({ input: server.stdout }).once("line", () => server.kill("SIGTERM"));
  const [code, signal] = (await ended) as [number | null, string | null];
  if (code !== 0) throw new Error(`Cannot start a server for tests: it has ended with ${code ?? signal}`);
}
