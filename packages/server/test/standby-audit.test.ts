import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Postgres, postgresIsMissing } from "./support/postgres.ts";
import type { ServerProcess } from "./support/server-process.ts";
import { type StandbyPair, standbyPair } from "./support/standby-pair.ts";

const missing = postgresIsMissing();
if (missing !== null) console.log(`SKIPPED: the audit trail of two servers, because ${missing}`);

interface Problem {
  kind: string;
  chain: string;
  block: number;
}

describe.skipIf(missing !== null)(
  "a server that took a database over verifies what the one before sealed",
  () => {
    let postgres: Postgres;
    let pair: StandbyPair;
    let now: ServerProcess;
    /** The chain of the one before, the block that is attacked, and its last one. */
    let chain: string;
    let seq: number;
    let last: number;
    let keyId: string;
    const sql = (query: string) => postgres.query(postgres.lastDatabase, query);

    beforeAll(async () => {
      postgres = await Postgres.start();
      pair = await standbyPair(postgres);
      for (const name of ["ann", "bob", "cleo"])
        await pair.first.api.request("/api/v1/users", { method: "POST", body: JSON.stringify({ name }) });
      const [found] = await sql(
        "SELECT chain, seq::int, key_id FROM audit_block JOIN audit_record USING (chain, seq) WHERE name = 'ann'",
      );
      [chain, seq, keyId] = [String(found?.["chain"]), Number(found?.["seq"]), String(found?.["key_id"])];
      await pair.first.kill();
      now = await pair.second;
      last = Number(
        (await sql(`SELECT max(seq)::int AS seq FROM audit_block WHERE chain = '${chain}'`))[0]?.["seq"],
      );
    });
    afterAll(async () => {
      await pair?.[Symbol.asyncDispose]();
      await postgres?.[Symbol.asyncDispose]();
    });

    async function problems(): Promise<Problem[]> {
      const answer = await now.api.request("/api/v1/audit/verify");
      expect(answer.status).toBe(200);
      const { problems: found } = (await answer.json()) as { problems: Problem[] };
      return found.map(({ kind, chain: of, block }) => ({ kind, chain: of, block }));
    }

    /** Does it, looks, and undoes it. `table` of `where` is what it touches. */
    async function after(attack: string, touched: Readonly<Record<string, string>>): Promise<Problem[]> {
      const each = (step: (table: string, where: string) => string): Promise<unknown> =>
        sql(
          Object.entries(touched)
            .map(([table, where]) => step(table, where))
            .join(";"),
        );
      await each((table, where) => `CREATE TABLE kept_${table} AS SELECT * FROM ${table} WHERE ${where}`);
      await sql(attack);
      const found = await problems();
      await each(
        (table, where) => `DELETE FROM ${table} WHERE ${where}; INSERT INTO ${table} TABLE kept_${table}`,
      );
      await each((table) => `DROP TABLE kept_${table}`);
      return found;
    }

    it("finds nothing where nothing was done, and both chains are there", async () => {
      const chains = await sql("SELECT DISTINCT chain FROM audit_block");
      expect(chains).toHaveLength(2);
      expect(await problems()).toEqual([]);
    });

    it.each<[string, () => string, () => Problem[]]>([
      [
        "a changed record",
        () =>
          `UPDATE audit_record SET record = replace(record, '"ann"', '"eve"'), name = 'eve' WHERE chain = '${chain}' AND seq = ${seq}`,
        () => [{ kind: "changed", chain, block: seq }],
      ],
      [
        "a record that is gone with its block",
        () =>
          ["audit_record", "audit_block"]
            .map((table) => `DELETE FROM ${table} WHERE chain = '${chain}' AND seq = ${seq}`)
            .join(";"),
        () => [{ kind: "missing", chain, block: seq + 1 }],
      ],
      [
        "the newest ones cut off",
        () =>
          ["audit_record", "audit_block"]
            .map((table) => `DELETE FROM ${table} WHERE chain = '${chain}' AND seq = ${last}`)
            .join(";"),
        () => [{ kind: "truncated", chain, block: last }],
      ],
    ])("finds %s", async (_what, attack, expected) => {
      const of = `chain = '${chain}'`;
      expect(await after(attack(), { audit_record: of, audit_block: of })).toEqual(
        expected().map((one) => expect.objectContaining(one) as Problem),
      );
      expect(await problems()).toEqual([]);
    });

    it("takes no other key for that of the one before, and says so", async () => {
      const swap = `UPDATE secret_version AS of SET data_key = by.data_key, sealed = by.sealed FROM secret_version AS by
      WHERE of.id = '${keyId}' AND by.source = 'audit' AND by.id <> of.id`;
      const found = await after(swap, { secret_version: `id = '${keyId}'` });
      expect(found.filter(({ kind }) => kind === "unknown_key").map(({ chain: of }) => of)).toContain(chain);
      expect(await problems()).toEqual([]);
    });

    it("knows after each start how far the other was", async () => {
      const [found] = await sql(`SELECT chain FROM audit_block WHERE chain <> '${chain}' LIMIT 1`);
      const other = String(found?.["chain"]);
      await now.kill();
      now = await pair.firstAgain();
      const ends = `FROM audit_block WHERE chain = '${other}'`;
      const [end] = await sql(`SELECT max(seq)::int AS seq ${ends}`);
      const block = Number(end?.["seq"]);
      expect(await problems()).toEqual([]);
      await sql(
        ["audit_record", "audit_block"]
          .map((table) => `DELETE FROM ${table} WHERE chain = '${other}' AND seq = ${block}`)
          .join(";"),
      );
      expect(await problems()).toEqual([{ kind: "truncated", chain: other, block }]);
    });
  },
);
