import { randomBytes } from "node:crypto";
import type { DeliveryList, JobList } from "@berth/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CallbackReceiver } from "../packages/server/test/support/callback-receiver.ts";
import { Postgres, postgresIsMissing } from "../packages/server/test/support/postgres.ts";
import { openServerBench } from "../packages/server/test/support/server-bench.ts";
import type { ServerProcess } from "../packages/server/test/support/server-process.ts";
import { until } from "../packages/server/test/support/until.ts";

/** In the order in which a server comes to them. */
const boundaries = ["recorded", "delivery-claimed", "delivery-sent", "delivery-noted"];
const secret = `whsec_${randomBytes(32).toString("base64")}`;

const missing = postgresIsMissing();
if (missing !== null) console.log(`SKIPPED: survival of callbacks on PostgreSQL, because ${missing}`);

describe("a callback on SQLite", () => {
  itSurvives(() => Promise.resolve({}));
});

describe.skipIf(missing !== null)("a callback on PostgreSQL", () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await Postgres.start();
  });
  afterAll(() => postgres[Symbol.asyncDispose]());
  itSurvives(async () => ({ BERTH_DATABASE: (await postgres.database()).reveal() }));
});

function itSurvives(settings: () => Promise<Record<string, string>>): void {
  it("is told of one end, by one id and no attempt twice, wherever the server is killed", async () => {
    await using bench = openServerBench("fake");
    await using receiver = await CallbackReceiver.open(secret);
    const env = { BERTH_CALLBACKS_ALLOW: "127.0.0.0/8", ...(await settings()) };
    const server = await bench.start({ env });
    await define(server, `${receiver.origin}/told`);
    await server.kill();
    for (const [n, crashAt] of boundaries.entries()) {
      // It may be gone before it has said that it is ready, or has answered.
      const doomed = await bench.start({ crashAt, env }).catch(() => null);
      if (n === 0 && doomed !== null) await post(doomed, "tasks/told/run", {}).catch(() => null);
      const exit = doomed === null ? { signal: "SIGKILL" } : await doomed.exit();
      expect([crashAt, exit.signal]).toEqual([crashAt, "SIGKILL"]);
    }
    const last = await bench.start({ env });
    const [job] = (await get<JobList>(last, "tasks/told/jobs")).items;
    const [delivery, ...more] = await until(
      async () => {
        const { items } = await get<DeliveryList>(last, `jobs/${job?.id}/deliveries`);
        return items.length > 0 && items.every(({ state }) => state === "delivered") ? items : null;
      },
      { what: "the delivery" },
    );
    expect(more).toEqual([]);
    const unknown = /nobody knows/;
    expect(delivery?.attempts.map(({ n, why, status }) => [n, why, status])).toEqual([
      [1, expect.stringMatching(unknown), null],
      [2, expect.stringMatching(unknown), null],
      [3, null, 204],
    ]);
    // One was claimed and never sent; one was sent, and nobody noted it.
    expect(receiver.told.map(({ id: told }) => told)).toEqual([delivery?.id, delivery?.id]);
    expect(receiver.faults).toEqual([]);
  });
}

const post = async (server: ServerProcess, path: string, body: object): Promise<unknown> => {
  const answer = await server.api.request(`/api/v1/${path}`, { method: "POST", body: JSON.stringify(body) });
  return await answer.json();
};

async function define(server: ServerProcess, url: string): Promise<void> {
  await post(server, "secrets", { name: "hook", values: { key: secret } });
  await post(server, "runners", { name: "plain", spec: {} });
  const spec = { runner: "plain", command: ["fake", "exit=3"], callbacks: [{ url, secret: "hook" }] };
  await post(server, "tasks", { name: "told", spec });
}

const get = async <Body>(server: ServerProcess, path: string): Promise<Body> =>
  (await (await server.api.request(`/api/v1/${path}`)).json()) as Body;
