import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InProcessServer, startInProcessServer } from "./support/in-process-server.ts";
import { Postgres, postgresIsMissing } from "./support/postgres.ts";
import { until } from "./support/until.ts";

const missing = postgresIsMissing();
if (missing !== null) console.log(`SKIPPED: jobs on PostgreSQL, because ${missing}`);

const files = { "in.txt": "given" };

describe.skipIf(missing !== null)("a server on PostgreSQL", () => {
  let postgres: Postgres;
  let server: InProcessServer;

  beforeAll(async () => {
    postgres = await Postgres.start();
    const url = await postgres.database();
    server = await startInProcessServer({ BERTH_DATABASE: url.reveal(), BERTH_MAX_JOBS: "2" });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
  });

  it("lets jobs go on while the database is away, and records all of them once when it is back", async () => {
    const runs = { command: "fake", args: ["print=begin", "run-for=1s", "print=end", "exit=3"], files };
    const jobs = await Promise.all([runs, runs, runs].map((spec) => server.api.submit(spec)));
    await until(async () => (await server.api.job(jobs[0]?.id ?? "")).state === "running", {
      what: "a start",
    });
    await postgres.down("immediate");
    // Longer than anybody waits for a restart, and longer than the jobs take.
    const away = performance.now();
    await expect(server.api.submit(runs)).rejects.toThrow(/answer 503: .*DATABASE_UNAVAILABLE/);
    await until(() => performance.now() - away > 6000, { what: "the end of the absence" });
    await postgres.up();
    for (const { id } of jobs) {
      const ended = await server.api.end(id);
      expect(ended).toMatchObject({ state: "failed", exitCode: 3, cause: { code: "exit" } });
      expect(await server.api.output(id)).toBe("begin\nend\n");
      const types = (await server.api.events(id)).map(({ type }) => type);
      expect(types).toEqual(["queued", "preparing", "running", "failed"]);
    }
    expect(await server.api.jobs()).toHaveLength(3);
  });
});
