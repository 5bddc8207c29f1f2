import { randomUUID } from "node:crypto";
import type { JobSpecInput } from "@berth/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Postgres, postgresIsMissing } from "../packages/server/test/support/postgres.ts";
import { subject as local } from "../packages/server/test/support/local-subject.ts";
import { openServerBench, type ServerBench } from "../packages/server/test/support/server-bench.ts";
import type { ServerProcess } from "../packages/server/test/support/server-process.ts";

/** As in survival.test.ts: BERTH_TEST_STAGE_BOUNDARIES=all kills on both engines at each. */
const steps = ["accepted", "prepared", "spawned", "running", "exited", "recorded"] as const;
const isWhole = process.env["BERTH_TEST_STAGE_BOUNDARIES"] === "all";
const killedAt = { fake: isWhole ? steps : (["running"] as const), local: steps };

/** Tells by its output and its file whether it ran, how often, and to which end. */
const jobs: Record<"fake" | "local", JobSpecInput> = {
  fake: {
    command: "fake",
    args: ["print=begin", "save=count:1", "run-for=300ms", "print=end", "exit=3"],
    collect: ["count"],
  },
  local: {
    command: "sh",
    args: ["-c", "echo begin; echo 1 >>count; sleep 0.3; echo end; exit 3"],
    collect: ["count"],
  },
};

const missing = postgresIsMissing();
const localIsMissing = await local.missing();
for (const why of [missing, localIsMissing])
  if (why !== null) console.log(`SKIPPED: tests of survival on PostgreSQL, because ${why}`);

describe.skipIf(missing !== null)("on PostgreSQL", () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await Postgres.start();
  });
  afterAll(() => postgres[Symbol.asyncDispose]());

  describe("on the fake engine", () => {
    describeSurvival("fake");
  });
  describe.skipIf(localIsMissing !== null)("on the local engine", () => {
    describeSurvival("local");
  });

  it("a server whose database another one has taken ends, and says why", async () => {
    await using bench = openServerBench("fake");
    const env = { BERTH_DATABASE: (await postgres.database()).reveal() };
    const server = await bench.start({ env });
    await postgres.query(postgres.lastDatabase, "UPDATE berth_server SET holder = 'another'");
    // Its doors shut at that moment, which may be before the refusal is out.
    await expect(server.api.submit(jobs.fake)).rejects.toThrow(/DATABASE_IN_USE|fetch failed/);
    expect(await server.exit()).toEqual({ code: 1, signal: null });
    expect(server.log.join("\n")).toMatch(
      /Cannot use database ".*": another server has taken it over\nFix: /,
    );
  });

  function describeSurvival(engine: "fake" | "local"): void {
    let bench: ServerBench;
    let start: (options?: { crashAt?: string }) => Promise<ServerProcess>;
    beforeEach(async () => {
      bench = openServerBench(engine);
      const env = { BERTH_DATABASE: (await postgres.database()).reveal() };
      start = (options = {}) => bench.start({ env, ...options });
    });
    afterEach(() => bench[Symbol.asyncDispose]());

    it.each(killedAt[engine])(
      "ABUSE 23, 24: a server killed once a job is %s runs that job once",
      async (step) => {
        const key = randomUUID();
        const doomed = await start({ crashAt: step });
        await doomed.api.submit(jobs[engine], { key }).catch(() => null);
        expect(await doomed.exit()).toEqual({ code: null, signal: "SIGKILL" });
        const server = await start();
        const { id } = await server.api.submit(jobs[engine], { key });
        expect(await server.api.end(id)).toMatchObject({
          state: "failed",
          exitCode: 3,
          cause: { code: "exit" },
        });
        expect(await server.api.output(id)).toBe("begin\nend\n");
        const count = await server.api.request(`/api/v1/jobs/${id}/artifacts/count`);
        expect(await count.text()).toMatch(/^1\n?$/);
        const types = (await server.api.events(id)).map(({ type }) => type);
        expect(types).toEqual(["queued", "preparing", "running", "failed"]);
        expect(await server.api.jobs()).toHaveLength(1);
        await bench.untilCleanedUp(id);
      },
    );
  }
});
