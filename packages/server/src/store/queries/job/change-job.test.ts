import { DatabaseSync } from "node:sqlite";
import { sql } from "kysely";
import { expect, it } from "vitest";
import { kyselyOver } from "../../sqlite/dialect.ts";
import type { Database, Step } from "../database.ts";
import type { Tables } from "../tables.ts";
import { extendJob, transitionJob } from "./change-job.ts";

/** What would be written. */
async function stepsOf(change: (db: Database) => Promise<unknown>): Promise<string[]> {
  using file = new DatabaseSync(":memory:");
  const written: Step[] = [];
  await change({
    build: kyselyOver<Tables>(file),
    read: () => Promise.resolve([]),
    write(steps) {
      written.push(...steps);
      return Promise.resolve({ done: false, failedStep: 0 });
    },
    now: () => 0,
    server: "one",
    clock: sql`0`,
  });
  return written.map(({ query }) => query.sql);
}

const none = { from: null, passed: null, stage: null, known: null, contacts: [], deliveries: [] };

it.each<[what: string, change: (db: Database) => Promise<unknown>]>([
  ["an end", (db) => transitionJob(db, "a", { ...none, to: "failed", at: 1, change: { exitCode: 1 } })],
  ["a start", (db) => transitionJob(db, "a", { ...none, to: "running", at: 1, change: { startedAt: 1 } })],
  ["more time", (db) => extendJob(db, "a", { byMs: 1, at: 1, known: null })],
])(
  "%s does not set the id, which is in most indexes and which all that belongs to a job refers to",
  async (_what, change) => {
    const updates = (await stepsOf(change)).filter((text) => text.startsWith("update"));
    expect(updates).toHaveLength(1);
    expect(updates.join()).not.toMatch(/set.*"id" = .*where/);
  },
);
