import { sql } from "kysely";
import type { AuditStore } from "../../audit-store.ts";
import type { Database } from "../database.ts";
import {
  aroundMoment,
  endsOf,
  forgetBlocks,
  lastBefore,
  oneBlock,
  pageOfBlocks,
  recordsAfter,
} from "./blocks.ts";
import { listRecords } from "./list-records.ts";
import { auditStep } from "./record-step.ts";

export function auditQueries(db: Database): AuditStore {
  return {
    async append(entries) {
      if (entries.length > 0) await db.write(entries.map((entry) => auditStep(db, entry)));
    },
    list: (filter) => listRecords(db, filter),
    async chains() {
      const names = new Set([
        ...(await chainsOf(db, "audit_block")),
        ...(await chainsOf(db, "audit_record")),
      ]);
      return [...names].toSorted();
    },
    ends: (chain) => endsOf(db, chain),
    block: (chain, seq) => oneBlock(db, chain, seq),
    blocks: (chain, page) => pageOfBlocks(db, chain, page),
    behind: (chain, after, limit) => recordsAfter(db, chain, { ...after, limit }),
    lastBefore: (chain, at) => lastBefore(db, chain, at),
    around: (at) => aroundMoment(db, at),
    forget: (chain, upTo) => forgetBlocks(db, chain, upTo),
  };
}

/** From name to name, by the index: the tables are large, and the chains few. */
async function chainsOf(db: Database, table: "audit_block" | "audit_record"): Promise<string[]> {
  const names: string[] = [];
  for (;;) {
    const least = sql<{ chain: string | null }>`
      select min(chain) as chain from ${sql.table(table)} where chain > ${names.at(-1) ?? ""}`;
    const [row] = await db.read(least.compile(db.build));
    if (row?.chain === null || row?.chain === undefined) return names;
    names.push(row.chain);
  }
}
