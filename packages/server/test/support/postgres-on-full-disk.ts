/**
 * A process with a file system of its own, that fills the disk below a database of PostgreSQL, then makes room again,
 * and prints as JSON what came of it. Arguments: an empty folder. To be run in a private mount namespace.
 */
import { execFileSync } from "node:child_process";
import { chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { isBerthError } from "@berth/protocol";
import { openPostgresStore } from "../../src/store/postgres/open.ts";
import { Postgres } from "./postgres.ts";
import { StoreBench } from "./store-bench.ts";

const [folder = ""] = process.argv.slice(2);
const space = join(folder, "space");
mkdirSync(space);
execFileSync("mount", ["-t", "tmpfs", "-o", "size=16m", "tmpfs", space]);
const owner = process.getuid?.() === 0 ? 65_534 : (process.getuid?.() ?? 0);
chownSync(space, owner, owner);
await using server = await Postgres.start({ folder });
await server.query("postgres", `CREATE TABLESPACE small LOCATION '${space}'`);
await server.query("postgres", "CREATE DATABASE small TABLESPACE small");
const store = await openPostgresStore({ url: server.urlOf("small") });
const bench = new StoreBench(store);
const stored: string[] = [];

async function insertUntilRefused(): Promise<{ code: string; message: string }> {
  for (;;) {
    try {
      const spec = { command: "true", args: [crypto.randomUUID().repeat(200)] };
      stored.push((await bench.insert({ spec })).id);
    } catch (error) {
      return isBerthError(error)
        ? { code: error.code, message: error.message }
        : { code: "", message: String(error) };
    }
  }
}

const refusals = await Promise.all(Array.from({ length: 8 }, insertUntilRefused));
const first = await store.jobs.inputs(stored[0] ?? "");
execFileSync("mount", ["-o", "remount,size=64m", space]);
const afterwards = await bench.insertIn("succeeded");
stored.push(afterwards.id);
const rows = await server.query("small", "SELECT id FROM job ORDER BY id");
await store[Symbol.asyncDispose]();
console.log(
  JSON.stringify({
    refusals: [...new Set(refusals.map(({ code, message }) => `${code} ${message}`))],
    readWhileFull: first.files.length,
    stored: stored.length,
    isSame: rows.map(({ id }) => String(id)).join() === stored.toSorted().join(),
  }),
);
