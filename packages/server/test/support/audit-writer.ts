/**
 * A process that records from many sides at once, until it is killed. Arguments: the data folder, the database. Prints the
 * name of each record that was acknowledged.
 */
import { takeUpTrail } from "../../src/audit/take-up.ts";
import { openTrail } from "../../src/audit/trail.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { sampleEntry } from "./sample-audit.ts";

const [, , dataDir = "", path = ""] = process.argv;
const trail = openTrail(dataDir, console.error);
const store = await openSqliteStore({ path, trail });
await takeUpTrail(store.audit, trail, Date.now);

async function recordForEver(): Promise<never> {
  for (;;) {
    const name = `w${crypto.randomUUID()}`;
    await store.audit.append([sampleEntry({ name })]);
    console.log(name);
  }
}

await Promise.all(Array.from({ length: 8 }, recordForEver));
