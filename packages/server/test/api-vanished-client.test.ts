import { once } from "node:events";
import { connect } from "node:net";
import type { Job, JobList } from "@berth/protocol";
import { expect, it } from "vitest";
import type { Store } from "../src/store/store.ts";
import { ApiBench } from "./support/api-bench.ts";
import { until } from "./support/until.ts";

/** Without its last byte it is whole too, but for what was announced. */
const body = `${JSON.stringify({ command: "python3", args: ["report.py"], name: "report" })} `;

/** The same with one of its members replaced. */
function replaced<Target extends object, Name extends keyof Target>(
  target: Target,
  name: Name,
  member: Target[Name],
): Target {
  return new Proxy(target, {
    get(_, asked) {
      if (asked === name) return member;
      const value: unknown = Reflect.get(target, asked);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

/** A server that tells when it is about to store a job, and waits until it may. */
async function slowToStore(): Promise<{ api: ApiBench; asked: Promise<void>; go: () => void }> {
  const asked = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const slowed = (store: Store): Store => {
    const insert: Store["jobs"]["insert"] = async (entry) => {
      asked.resolve();
      await go.promise;
      return await store.jobs.insert(entry);
    };
    return replaced(store, "jobs", replaced(store.jobs, "insert", insert));
  };
  const api = await ApiBench.open(({ store }) => ({ store: slowed(store) }));
  return { api, asked: asked.promise, go: () => go.resolve() };
}

/** Sends this much of a submit; the connection is the caller's. */
async function submitOn(api: ApiBench, { key, bytes }: { key: string; bytes: number }) {
  const { host, hostname, port } = new URL(await api.listen());
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  const head = [
    "POST /api/v1/jobs HTTP/1.1",
    `Host: ${host}`,
    `Authorization: Bearer ${api.tokens.ann}`,
    "Content-Type: application/json",
    `Idempotency-Key: ${key}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n${body.slice(0, bytes)}`);
  return socket;
}

const listed = async (api: ApiBench): Promise<string[]> =>
  ((await api.call("GET /api/v1/jobs")).body as JobList).items.map(({ id }) => id);

const openConnections = (api: ApiBench): Promise<number> =>
  new Promise((resolve, reject) => {
    api.app.server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });

it("stores the job of a client that went before the answer, and its key brings that job back", async () => {
  const { api, asked, go } = await slowToStore();
  await using _closing = api;
  const socket = await submitOn(api, { key: "went", bytes: body.length });
  await asked;
  socket.resetAndDestroy();
  await until(async () => (await openConnections(api)) === 0, { what: "the end of the connection" });
  go();
  const [id] = await until(
    async () => {
      const ids = await listed(api);
      return ids.length > 0 ? ids : null;
    },
    { what: "the job" },
  );
  const again = await api.call("POST /api/v1/jobs", { body, headers: { "idempotency-key": "went" } });
  expect([again.status, (again.body as Job).id, again.headers["idempotency-replayed"]]).toEqual([
    201,
    id,
    "true",
  ]);
  expect(await listed(api)).toEqual([id]);
});

it("stores nothing for a client that went before its request was whole", async () => {
  await using api = await ApiBench.open();
  const socket = await submitOn(api, { key: "cut", bytes: body.length - 1 });
  await until(async () => (await openConnections(api)) === 1, { what: "the connection" });
  socket.resetAndDestroy();
  await until(async () => (await openConnections(api)) === 0, { what: "the end of the connection" });
  const again = await api.call("POST /api/v1/jobs", { body, headers: { "idempotency-key": "cut" } });
  expect([again.status, again.headers["idempotency-replayed"]]).toEqual([201, undefined]);
  expect(await listed(api)).toEqual([(again.body as Job).id]);
});
