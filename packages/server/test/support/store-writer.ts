/**
 * A process that writes jobs to a store from many sides at once, until it is killed. Argument: the database.
 * Prints a line `<job id> <state>` after each write that was acknowledged.
 */
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { StoreBench } from "./store-bench.ts";

const bench = new StoreBench(await openSqliteStore({ path: process.argv[2] ?? "" }));

async function writeForEver(): Promise<never> {
  for (;;) {
    const inputs = { files: [{ name: "in", content: new Uint8Array(5000) }], stdin: Uint8Array.of(1) };
    const labels = { one: "1", two: "2" };
    const idempotency = { key: crypto.randomUUID(), requestHash: "h" };
    const { id } = await bench.insert(
      { state: "preparing", labels, handle: idempotency.key },
      { inputs, idempotency },
    );
    console.log(`${id} preparing`);
    for (const to of ["running", "succeeded"] as const) {
      await bench.move(id, to);
      console.log(`${id} ${to}`);
    }
  }
}

await Promise.all(Array.from({ length: 16 }, writeForEver));
