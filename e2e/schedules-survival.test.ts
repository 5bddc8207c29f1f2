import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import type { CatchUp, JobState, Schedule, ScheduleRun } from "@berth/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Postgres, postgresIsMissing } from "../packages/server/test/support/postgres.ts";
import { openServerBench, type ServerBench } from "../packages/server/test/support/server-bench.ts";
import type { ServerProcess } from "../packages/server/test/support/server-process.ts";
import { until } from "../packages/server/test/support/until.ts";

const missing = postgresIsMissing();
if (missing !== null)
  console.log(`SKIPPED: schedules that outlive servers on PostgreSQL, because ${missing}`);

/** As in survival.test.ts: BERTH_TEST_STAGE_BOUNDARIES=all kills at each. Those of the runs themselves are that file's. */
const few = ["due", "accepted", "instant-taken"];
const isWhole = process.env["BERTH_TEST_STAGE_BOUNDARIES"] === "all";
const killedAt = isWhole ? [...few, "prepared", "due", "accepted", "recorded"] : few;

const minute = 60_000;
/** Three times of an hour that is over, and none that comes soon: what the host's clock shows changes nothing. */
const anchor = Math.floor((Date.now() - 60 * minute) / (60 * minute)) * 60 * minute;
const instants = [10, 20, 30].map((past) => anchor + past * minute);
const cron = cronOf(new Date(anchor));

function cronOf(time: Date): string {
  return `10,20,30 ${time.getUTCHours()} ${time.getUTCDate()} ${time.getUTCMonth() + 1} *`;
}

const policies: readonly CatchUp[] = ["skip", "latest", "all"];
/** What comes of the three, latest first: when it was due, what came of it, and how many before it were left out. */
const wanted: Record<CatchUp, [number, string, number][]> = {
  skip: [[2, "skipped", 2]],
  latest: [[2, "submitted", 2]],
  all: [
    [2, "submitted", 0],
    [1, "submitted", 0],
    [0, "submitted", 0],
  ],
};

/** A database, two benches whose servers have it one after the other, and a way to write into it while there is none. */
interface Place extends AsyncDisposable {
  start: (options?: { crashAt?: string }) => Promise<ServerProcess>;
  run: (sql: string) => Promise<unknown>;
  /** What may become of a job whose server was killed: the next one finds it where it has the same data folder. */
  ends: readonly JobState[];
}

function inSqlite(): Promise<Place> {
  const bench = openServerBench("fake");
  return Promise.resolve({
    start: ({ crashAt } = {}) => bench.start(crashAt === undefined ? {} : { crashAt }),
    run(sql: string) {
      using file = new DatabaseSync(join(bench.root, "data", "berth.db"));
      return Promise.resolve(file.exec(sql));
    },
    ends: ["succeeded"],
    [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
  });
}

let postgres: Postgres | null = null;
beforeAll(async () => {
  if (missing === null) postgres = await Postgres.start();
});
afterAll(() => postgres?.[Symbol.asyncDispose]());

/** The server after a kill is another one each time: on a data folder of its own. */
async function inPostgres(): Promise<Place> {
  const env = { BERTH_DATABASE: (await postgres?.database())?.reveal() ?? "" };
  const database = postgres?.lastDatabase ?? "";
  const benches: ServerBench[] = [openServerBench("fake"), openServerBench("fake")];
  let turn = 0;
  return {
    async start({ crashAt } = {}) {
      const bench = benches[turn++ % 2];
      if (bench === undefined) throw new Error("Cannot start a server: there is no bench");
      return await bench.start({ env, ...(crashAt !== undefined && { crashAt }) });
    },
    run: async (sql) => await postgres?.query(database, sql),
    ends: ["succeeded", "lost"],
    async [Symbol.asyncDispose]() {
      for (const bench of benches) await bench[Symbol.asyncDispose]();
    },
  };
}

describe.each([
  ["SQLite", inSqlite, false],
  ["two servers on PostgreSQL, one after the other", inPostgres, missing !== null],
] as const)("schedules whose server is killed, on %s", (_name, open, isMissing) => {
  let place: Place;
  beforeEach(async () => {
    if (!isMissing) place = await open();
  });
  afterEach(() => place[Symbol.asyncDispose]());

  const post = async (server: ServerProcess, path: string, body: object): Promise<void> => {
    const answer = await server.api.request(`/api/v1/${path}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    expect([path, answer.status]).toEqual([path, 201]);
  };

  /** One of each policy, and the server that was there is gone over three times at which they are due. */
  async function missedThree(): Promise<void> {
    const server = await place.start();
    await post(server, "runners", { name: "plain", spec: {} });
    await post(server, "tasks", { name: "tick", spec: { runner: "plain", command: "exit=0" } });
    for (const catchUp of policies)
      await post(server, "schedules", { name: `by-${catchUp}`, spec: { task: "tick", cron, catchUp } });
    await server.kill();
    await place.run(`UPDATE schedule SET next_at = ${instants[0]}`);
  }

  const got = async <Body>(server: ServerProcess, path: string): Promise<Body> =>
    (await (await server.api.request(`/api/v1/${path}`)).json()) as Body;

  /** Once none of them is due any more. */
  async function settled(server: ServerProcess): Promise<Record<string, [number, string, number][]>> {
    const isAhead = async (): Promise<boolean> => {
      const { items } = await got<{ items: Schedule[] }>(server, "schedules");
      return items.length === 3 && items.every(({ nextAt }) => Date.parse(nextAt ?? "") > Date.now());
    };
    await until(isAhead, { what: "schedules that are due in future" });
    const found: Record<string, [number, string, number][]> = {};
    for (const catchUp of policies) {
      const { items } = await got<{ items: ScheduleRun[] }>(server, `schedules/by-${catchUp}/runs`);
      found[catchUp] = items.map(({ dueAt, outcome, missed }) => [
        instants.indexOf(Date.parse(dueAt)),
        outcome,
        missed,
      ]);
      const jobs = (await server.api.jobs()).filter(({ name }) => name === `by-${catchUp}`);
      const submitted = items.filter(({ outcome }) => outcome === "submitted").map(({ job }) => job);
      // Each run has its job, and there is no job that is the run of nothing.
      expect([catchUp, new Set(jobs.map(({ id }) => id))]).toEqual([catchUp, new Set(submitted)]);
      expect(jobs).toHaveLength(submitted.length);
    }
    return found;
  }

  it.skipIf(isMissing)(
    "come to just what each policy says once there is one again, and not twice with the next",
    async () => {
      await missedThree();
      const second = await place.start();
      expect(await settled(second)).toEqual(wanted);
      for (const { id } of await second.api.jobs()) await second.api.end(id);
      await second.kill();
      const third = await place.start();
      expect(await settled(third)).toEqual(wanted);
      expect(await third.api.jobs()).toHaveLength(4);
    },
  );

  it.skipIf(isMissing)("come to the same wherever the next ones are killed, again and again", async () => {
    await missedThree();
    for (const crashAt of killedAt) {
      // It may be gone before it has said that it is ready.
      const server = await place.start({ crashAt }).catch(() => null);
      const exit = server === null ? { signal: "SIGKILL" } : await server.exit();
      expect([crashAt, exit.signal]).toEqual([crashAt, "SIGKILL"]);
    }
    const last = await place.start();
    expect(await settled(last)).toEqual(wanted);
    for (const { id } of await last.api.jobs()) expect(place.ends).toContain((await last.api.end(id)).state);
    expect(await last.api.jobs()).toHaveLength(4);
  });
});
