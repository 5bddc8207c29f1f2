import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AuditBench } from "./support/audit-bench.ts";
import { postgresIsMissing } from "./support/postgres.ts";
import { everyRecord, sampleEntry } from "./support/sample-audit.ts";
import { startProgram } from "./support/start-program.ts";

const missing = postgresIsMissing();
if (missing !== null) console.log(`SKIPPED: the audit chain on PostgreSQL, because ${missing}`);

const writer = new URL("support/audit-writer.ts", import.meta.url);
const tables = ["audit_block", "audit_record"];

const attacks = [
  {
    what: "a record that says something else, with its columns",
    does: [
      `UPDATE audit_record SET account = 'eve', record = replace(record, '"ann"', '"eve"') WHERE name = 'r3'`,
    ],
    kinds: ["changed"],
  },
  {
    what: "a column that says something else than its record",
    does: ["UPDATE audit_record SET outcome = 'denied' WHERE name = 'r3'"],
    kinds: ["changed"],
  },
  {
    what: "a record that was taken out of its block",
    does: ["DELETE FROM audit_record WHERE name = 'r5'"],
    kinds: ["missing"],
  },
  {
    what: "a record that was taken out, and the count put right",
    does: ["DELETE FROM audit_record WHERE name = 'r5'", "UPDATE audit_block SET count = 2 WHERE seq = 4"],
    kinds: ["changed"],
  },
  {
    what: "a block that is not there, with its records",
    does: tables.map((table) => `DELETE FROM ${table} WHERE seq = 3`),
    kinds: ["missing"],
  },
  {
    what: "two blocks that have changed places",
    does: [
      ...tables.map((table) => `UPDATE ${table} SET seq = -1 WHERE seq = 3`),
      ...tables.map((table) => `UPDATE ${table} SET seq = 3 WHERE seq = 4`),
      ...tables.map((table) => `UPDATE ${table} SET seq = 4 WHERE seq = -1`),
    ],
    kinds: ["changed"],
  },
  {
    what: "two records that have changed places",
    does: [
      "UPDATE audit_record SET n = -1 WHERE name = 'r4'",
      "UPDATE audit_record SET n = 1 WHERE name = 'r5'",
      "UPDATE audit_record SET n = 2 WHERE name = 'r4'",
    ],
    kinds: ["changed"],
  },
  {
    what: "a record that was put in",
    does: [
      `INSERT INTO audit_record SELECT chain, seq, 99, at, record, account, door, credential, verb, resource, name, outcome,
        request_id, address FROM audit_record WHERE name = 'r1'`,
    ],
    kinds: ["added"],
  },
  {
    what: "a record without a block",
    does: [
      `INSERT INTO audit_record SELECT chain, 999, 1, at, record, account, door, credential, verb, resource, name, outcome,
        request_id, address FROM audit_record WHERE name = 'r1'`,
    ],
    kinds: ["added"],
  },
  {
    what: "the newest blocks cut off",
    does: tables.map((table) => `DELETE FROM ${table} WHERE seq > 4`),
    kinds: ["truncated"],
  },
  {
    what: "the oldest blocks cut off without a record of it",
    does: tables.map((table) => `DELETE FROM ${table} WHERE seq < 3`),
    kinds: ["missing"],
  },
  {
    what: "everything gone",
    does: tables.map((table) => `DELETE FROM ${table}`),
    kinds: ["truncated"],
  },
  {
    what: "a chain of somebody else's key in its place",
    does: ["UPDATE audit_block SET key_id = 'other'"],
    kinds: ["unknown_key"],
  },
];

describe.each(["sqlite", "postgres"] as const)("the audit chain on %s", (kind) => {
  describe.skipIf(kind === "postgres" && missing !== null)("is verified", () => {
    let bench: AuditBench;
    beforeAll(async () => {
      bench = await AuditBench.open(kind);
      await bench.record(6);
      for (const table of tables) await bench.tamper(`CREATE TABLE kept_${table} AS SELECT * FROM ${table}`);
    });
    afterAll(() => bench[Symbol.asyncDispose]());

    const putBack = async (): Promise<void> => {
      for (const table of tables)
        await bench.tamper(`DELETE FROM ${table}`, `INSERT INTO ${table} SELECT * FROM kept_${table}`);
    };

    it("and holds as it was stored", async () => {
      // The first block says that the chain begins.
      expect(await bench.verify()).toEqual({ blocks: 7, records: 13, problems: [] });
    });

    it.each(attacks)("and finds $what", async ({ does, kinds }) => {
      await bench.tamper(...does);
      const found = await bench.kinds();
      await putBack();
      expect(found).toEqual(kinds);
      expect(await bench.kinds()).toEqual([]);
    });

    it("over restarts, in one chain", async () => {
      await bench.restart();
      await bench.store.audit.append([sampleEntry({ name: "after" })]);
      expect(await bench.verify()).toEqual({ blocks: 8, records: 14, problems: [] });
      expect(await bench.store.audit.chains()).toHaveLength(1);
    });

    it("and tells for ever that its newest records were cut off while the server was down", async () => {
      await bench.stop();
      await bench.tamper(...tables.map((table) => `DELETE FROM ${table} WHERE seq > 5`));
      await bench.start();
      await bench.store.audit.append([sampleEntry()]);
      await bench.restart();
      const { problems } = await bench.verify();
      expect(problems.map(({ kind: one }) => one)).toEqual(["truncated"]);
      expect(problems[0]?.message).toContain("the chain did not reach block 8 any more");
    });

    it("and finds a block of before put back into the place of one that was sealed since", async () => {
      const place = "WHERE seq = 6";
      for (const table of tables)
        await bench.tamper(
          `DELETE FROM ${table} ${place}`,
          `INSERT INTO ${table} SELECT * FROM kept_${table} ${place}`,
        );
      const { problems } = await bench.verify();
      expect(problems).toEqual([
        expect.objectContaining({ kind: "changed", message: "Block 7 does not follow block 6 as it is now" }),
      ]);
    });

    it("and tells that the file was removed which says how far it had come", async () => {
      await bench.stop();
      rmSync(join(bench.dataDir, "audit-head"));
      await bench.start();
      expect((await bench.verify()).problems.at(-1)?.message).toContain("the file audit-head was missing");
    });

    it("and finds a chain gone that another server had begun", async () => {
      await bench.stop();
      for (const name of ["audit-key", "audit-head"]) rmSync(join(bench.dataDir, name));
      await bench.start();
      const [first = "", second = ""] = await bench.store.audit.chains();
      expect(second).not.toBe("");
      const { items } = await bench.store.audit.list({ ...any, verb: "begin", limit: 1 });
      const own = items[0]?.chain ?? "";
      const before = own === first ? second : first;
      // Its key is gone; its end is known all the same.
      expect(await bench.kinds()).toContain("unknown_key");
      await bench.tamper(...tables.map((table) => `DELETE FROM ${table} WHERE chain = '${before}'`));
      const { problems } = await bench.verify();
      const gone = expect.stringMatching(/is known to have been stored, and it has no block$/) as string;
      expect(problems).toEqual([
        expect.objectContaining({ kind: "truncated", chain: before, message: gone }),
      ]);
    });
  });
});

const any = { ...everyRecord, limit: 10 } as const;

describe("a server killed while it records", () => {
  it("has every record that was acknowledged, in a chain that holds", async () => {
    await using bench = await AuditBench.open("sqlite");
    const acknowledged: string[] = [];
    for (const records of [1, 30, 200]) {
      await bench.stop();
      await using program = startProgram(writer, [bench.dataDir, bench.databasePath]);
      let seen = 0;
      for await (const name of program.lines) {
        acknowledged.push(name);
        if ((seen += 1) === records) void program.kill();
      }
      await bench.start();
      expect((await bench.verify()).problems).toEqual([]);
    }
    const found: string[] = [];
    const [chain = ""] = await bench.store.audit.chains();
    const { records } = await bench.store.audit.blocks(chain, { after: 0, limit: 100_000 });
    for (const { entry } of records) if (entry?.name?.startsWith("w") === true) found.push(entry.name);
    expect(acknowledged.filter((name) => !found.includes(name))).toEqual([]);
  });
});
