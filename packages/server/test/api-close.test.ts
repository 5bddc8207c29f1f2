import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { ApiBench } from "./support/api-bench.ts";
import { until } from "./support/until.ts";

async function dial(api: ApiBench, url: string, request: string): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port: Number(new URL(url).port) });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(request.replace("TOKEN", api.tokens.ann));
  return socket;
}

/** Resolves when the answer holds this. */
async function heard(socket: Socket, wanted: string): Promise<void> {
  let answer = "";
  socket.on("data", (chunk: Buffer) => {
    answer += chunk.toString();
  });
  await until(() => answer.includes(wanted), { what: `an answer with ${wanted}` });
}

const get = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer TOKEN\r\n\r\n`;

it("ends followers, waits, idle and stuck connections within about a second", async () => {
  await using api = await ApiBench.open();
  const url = await api.listen();
  const job = await api.runningJob();
  const follower = await dial(api, url, get(`/api/v1/jobs/${job.id}/output?follow=true`));
  const watcher = await dial(api, url, get(`/api/v1/jobs/${job.id}/events`));
  const waiter = await dial(api, url, get(`/api/v1/jobs/${job.id}?wait=60s`));
  const idle = await dial(api, url, "");
  const slow = await dial(
    api,
    url,
    "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer TOKEN\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{",
  );
  await Promise.all([once(follower, "readable"), once(watcher, "readable")]);
  await until(
    () => new Promise((resolve) => api.app.server.getConnections((_, count) => resolve(count === 5))),
    { what: "all five connections" },
  );
  const answers = [follower, watcher, waiter, idle, slow].map(async (socket) =>
    text(socket).catch(() => "cut"),
  );

  const started = performance.now();
  await api.app.close();
  // What it would have waited for takes a minute.
  expect(performance.now() - started).toBeLessThan(30_000);
  const [followed, watched, waited] = await Promise.all(answers);
  // Neither stream was whole, so neither has the last chunk that says so.
  expect(followed).not.toContain("0\r\n\r\n");
  expect(watched).not.toContain("0\r\n\r\n");
  expect(waited).toContain('"state":"running"');
  await job.detach();
});

it("ends connections over which nothing came first, while others have their second", async () => {
  await using api = await ApiBench.open();
  const url = await api.listen();
  const unused = await dial(api, url, "");
  const begun = await dial(api, url, "GET /read");
  await until(
    () => new Promise((resolve) => api.app.server.getConnections((_, count) => resolve(count === 2))),
    { what: "both connections" },
  );
  const order: string[] = [];
  unused.resume().once("close", () => order.push("unused"));
  begun.resume().once("close", () => order.push("begun"));
  await api.app.close();
  await until(() => Promise.resolve(order.length === 2), { what: "the end of both" });
  expect(order).toEqual(["unused", "begun"]);
});

it.each([
  ["readyz", "GET /read", "yz HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  [
    "a new request",
    "GET /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\n",
    "Authorization: Bearer TOKEN\r\n\r\n",
  ],
])("answers %s that comes in half after the close has begun with SHUTTING_DOWN", async (_, first, second) => {
  await using api = await ApiBench.open(undefined, { closeGraceMs: 60_000 });
  expect((await api.call("GET /readyz")).status).toBe(200);
  const url = await api.listen();
  const job = await api.runningJob();
  const waiter = await dial(api, url, get(`/api/v1/jobs/${job.id}?wait=60s`));
  const late = await dial(api, url, first);
  await until(
    () => new Promise((resolve) => api.app.server.getConnections((_error, count) => resolve(count === 2))),
    { what: "both connections" },
  );
  const answers = [heard(late, '"code":"SHUTTING_DOWN"'), heard(waiter, "200 OK")];
  const closed = api.app.close();
  late.write(second.replace("TOKEN", api.tokens.ann));
  await Promise.all(answers);
  for (const socket of [late, waiter]) socket.destroy();
  await closed;
  await job.detach();
});
