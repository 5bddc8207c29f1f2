import type { Job } from "@berth/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Postgres, postgresIsMissing } from "../packages/server/test/support/postgres.ts";
import { openServerBench } from "../packages/server/test/support/server-bench.ts";
import type { ServerProcess } from "../packages/server/test/support/server-process.ts";
import { until } from "../packages/server/test/support/until.ts";

const missing = postgresIsMissing();
if (missing !== null)
  console.log(`SKIPPED: runs that are made again and outlive servers on PostgreSQL, because ${missing}`);

/** A run, its end and the one that is made of it, and where the servers are killed between them. */
const kills: readonly (readonly string[])[] = [
  ["recorded", "retry-due", "accepted"],
  ["recorded", "retried"],
];

let postgres: Postgres | null = null;
beforeAll(async () => {
  if (missing === null) postgres = await Postgres.start();
});
afterAll(() => postgres?.[Symbol.asyncDispose]());

describe.each([
  ["SQLite", false],
  ["PostgreSQL", true],
] as const)("a run that the engine could not start, on %s", (_name, inPostgres) => {
  it.skipIf(inPostgres && missing !== null).each(kills.map((points) => [points.join(", "), points] as const))(
    "is made again once, where its servers are killed at %s",
    async (_points, points) => {
      await using bench = openServerBench("fake");
      const env = inPostgres ? { BERTH_DATABASE: (await postgres?.database())?.reveal() ?? "" } : {};
      const defining = await bench.start({ env });
      await post(defining, "runners", { name: "plain", spec: {} });
      const retry = { most: 1, backoff: "1s" };
      const command = ["fake", "fail-start=engine"];
      await post(defining, "tasks", { name: "unlucky", spec: { runner: "plain", command, retry } });
      await defining.kill();
      const [first = "", ...rest] = points;
      const running = await bench.start({ env, crashAt: first });
      await running.api.request("/api/v1/tasks/unlucky/run", { method: "POST" }).catch(() => undefined);
      expect([first, (await running.exit()).signal]).toEqual([first, "SIGKILL"]);
      for (const crashAt of rest) {
        // It may be gone before it has said that it is ready.
        const server = await bench.start({ env, crashAt }).catch(() => null);
        const exit = server === null ? { signal: "SIGKILL" } : await server.exit();
        expect([crashAt, exit.signal]).toEqual([crashAt, "SIGKILL"]);
      }
      const last = await bench.start({ env });
      const jobs = await until(
        async () => {
          const all = await last.api.jobs();
          return all.length > 1 && all.every(({ state }) => state === "failed") ? all : null;
        },
        { what: "the end of both runs" },
      );
      expect(jobs).toHaveLength(2);
      const [again, before] = jobs as [Job, Job];
      expect(again.retry).toMatchObject({ attempt: 2, retryOf: before.id, retryAt: null });
      expect(before.retry).toMatchObject({ attempt: 1, retryOf: null, retriedAs: again.id });
    },
  );
});

async function post(server: ServerProcess, path: string, body: object): Promise<void> {
  const answer = await server.api.request(`/api/v1/${path}`, { method: "POST", body: JSON.stringify(body) });
  expect([path, answer.status]).toEqual([path, 201]);
}
