import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DueClaim } from "../src/core/task/schedules.ts";
import { openPostgresStore } from "../src/store/postgres/open.ts";
import { scheduleQueries } from "../src/store/queries/definitions/schedules.ts";
import { insertJob } from "../src/store/queries/job/insert-job.ts";
import type { Store } from "../src/store/store.ts";
import { Postgres, postgresIsMissing } from "./support/postgres.ts";
import { openRawHandle, type RawHandle } from "./support/raw-handle.ts";
import { noInputs, sampleJob } from "./support/sample-job.ts";

const missing = postgresIsMissing();
if (missing !== null) console.log(`SKIPPED: two handles on one schedule, because ${missing}`);

const ROUNDS = 300;

/** The lock by which one server has a database is not asked here: what is left is what the statements say. */
describe.skipIf(missing !== null)("two servers on one PostgreSQL that come to one instant", () => {
  let postgres: Postgres;
  let store: Store;
  const handles: RawHandle[] = [];
  beforeAll(async () => {
    postgres = await Postgres.start();
    const url = await postgres.database();
    store = await openPostgresStore({ url });
    for (const name of ["one", "other"]) handles.push(await openRawHandle(url, name));
  });
  afterAll(async () => {
    for (const handle of handles) await handle[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
  });

  async function define(name: string): Promise<void> {
    const common = { name, owner: "ann", spec: "{}", createdAt: 1, updatedAt: 1, updatedBy: "ann" };
    for (const [kind, belongsTo] of [
      ["runner", null],
      ["task", name],
      ["schedule", name],
    ] as const)
      expect(await store.definitions.insert({ ...common, kind, belongsTo, nextAt: 0 })).toBe("done");
  }
  const claim = (schedule: string, from: number, to = from + 1): DueClaim => ({
    schedule,
    version: 1,
    from,
    dueAt: from,
    nextAt: to,
    missed: 0,
    at: from,
  });
  const rowsOf = async (table: string, what: string): Promise<number> => {
    const [row] = await postgres.query(
      postgres.lastDatabase,
      `SELECT count(*) AS n FROM ${table} WHERE ${what}`,
    );
    return Number(row?.["n"]);
  };

  it(`run it once, ${ROUNDS} times of ${ROUNDS}, and each of them some`, async () => {
    await define("raced");
    const won = handles.map(() => 0);
    for (let instant = 0; instant < ROUNDS; instant += 1) {
      const due = claim("raced", instant);
      const tried = await Promise.all(
        // Now the one asks first, now the other.
        (instant % 2 === 0 ? handles : handles.toReversed()).map(({ database }) =>
          insertJob(database, {
            job: sampleJob({ name: "raced" }),
            inputs: noInputs,
            idempotency: null,
            due,
          }),
        ),
      );
      expect([instant, ...tried.map(({ kind }) => kind).toSorted()]).toEqual([instant, "created", "not-due"]);
      const winner = (instant + tried.findIndex(({ kind }) => kind === "created")) % 2;
      won[winner] = (won[winner] ?? 0) + 1;
    }
    expect(Math.min(...won)).toBeGreaterThan(0);
    expect(await rowsOf("job", "name = 'raced'")).toBe(ROUNDS);
    expect(await rowsOf("schedule_run", "schedule = 'raced' AND outcome = 'submitted'")).toBe(ROUNDS);
    expect(await store.schedules.states(["raced"])).toMatchObject([{ nextAt: ROUNDS, lastAt: ROUNDS - 1 }]);
  });

  it("do with it what one of them says, where one runs it, and the other leaves it out or has it refused", async () => {
    await define("mixed");
    const [one, other] = handles;
    if (one === undefined || other === undefined) throw new Error("Cannot race: two handles are wanted");
    const beside = scheduleQueries(other.database);
    for (let instant = 0; instant < 60; instant += 1) {
      const due = claim("mixed", instant);
      const [{ kind }, isTaken] = await Promise.all([
        insertJob(one.database, {
          job: sampleJob({ name: "mixed" }),
          inputs: noInputs,
          idempotency: null,
          due,
        }),
        instant % 2 === 0
          ? beside.skip(due)
          : beside.refuse(due, { why: "may not", pauses: null, counts: true }),
      ]);
      expect([instant, kind === "created"]).toEqual([instant, !isTaken]);
    }
    expect(await rowsOf("schedule_run", "schedule = 'mixed'")).toBe(60);
    const submitted = await rowsOf("schedule_run", "schedule = 'mixed' AND outcome = 'submitted'");
    expect(await rowsOf("job", "name = 'mixed'")).toBe(submitted);
  });
});
