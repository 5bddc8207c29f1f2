/**
 * A process with a file system of its own, that fills the disk below a store, then makes room again, and prints
 * as JSON what came of it. Arguments: an empty folder. To be run in a private mount namespace.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { isBerthError } from "@berth/protocol";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Job } from "../../src/core/job/job.ts";
import { StoreBench } from "./store-bench.ts";
import { filterOf } from "./sample-job.ts";

const [folder = ""] = process.argv.slice(2);
execFileSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", folder]);
const store = await openSqliteStore({ path: join(folder, "berth.db") });
const bench = new StoreBench(store);
const stored: Job[] = [];
const codes: string[] = [];

async function insertUntilRefused(): Promise<void> {
  for (;;) {
    try {
      stored.push(
        await bench.insert({ labels: { full: "1" }, spec: { command: "true", args: ["x".repeat(5000)] } }),
      );
    } catch (error) {
      codes.push(isBerthError(error) ? error.code : String(error));
      return;
    }
  }
}

await Promise.all(Array.from({ length: 8 }, insertUntilRefused));
// Larger than what is kept in memory: the disk is full before the commit. A small write may still find a place.
const content = new Uint8Array(10 * 2 ** 20);
const inputs = { files: [{ name: "big", content }], stdin: null };
const refusedAgain = await bench.insert({ labels: { full: "1" } }, { inputs }).then(
  () => null,
  (error: unknown) => (isBerthError(error) ? error.message : String(error)),
);
const pages = await bench.pages({ labels: [{ key: "full", value: "1" }], limit: 200 });
const readWhileFull = pages.flat().length;
execFileSync("mount", ["-o", "remount,size=64m", folder]);
const afterwards = await bench.insertIn("succeeded");
const readable = (await store.jobs.get(afterwards.id))?.state;
await store[Symbol.asyncDispose]();

const again = await openSqliteStore({ path: join(folder, "berth.db") });
const missing = [];
for (const { id } of stored) if ((await again.jobs.get(id)) === null) missing.push(id);
const kept = await new StoreBench(again).pages({
  ...filterOf(),
  labels: [{ key: "full", value: "1" }],
  limit: 200,
});
await again[Symbol.asyncDispose]();
console.log(
  JSON.stringify({
    folder,
    stored: stored.length,
    codes: [...new Set(codes)],
    refusedAgain,
    readWhileFull,
    readable,
    missing,
    kept: kept.flat().length,
  }),
);
