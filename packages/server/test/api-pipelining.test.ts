import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiBench } from "./support/api-bench.ts";
import { until } from "./support/until.ts";
import { turnsWhile } from "./support/turns-while.ts";

/** Some 900 of them come in one read. */
const MANY = 20_000;

let api: ApiBench;
let url: URL;
beforeAll(async () => {
  api = await ApiBench.open();
  url = new URL(await api.listen());
});
afterAll(() => api[Symbol.asyncDispose]());

/** Sends all of them at once, and reads until the last of them, which closes the connection, is answered. */
async function answersTo(paths: readonly string[], token = "none"): Promise<string> {
  const socket = connect(Number(url.port), "127.0.0.1");
  const lines = paths.map(
    (path, n) =>
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n${n === paths.length - 1 ? "Connection: close\r\n" : ""}\r\n`,
  );
  socket.write(lines.join(""));
  return await text(socket).catch(() => "");
}

describe("requests that a connection sends without waiting for answers", () => {
  it("begin one after another, each in a turn of its own, also of whoever has no token", async () => {
    const paths = Array.from({ length: 200 }, (_, n) => (n % 2 === 0 ? "/healthz" : `/nosuch-${n}`));
    const { result, turns } = await turnsWhile(() => answersTo(paths));
    expect(result.match(/HTTP\/1\.1 \d+/g)).toEqual(
      paths.map((path) => (path === "/healthz" ? "HTTP/1.1 200" : "HTTP/1.1 404")),
    );
    expect(turns).toBeGreaterThanOrEqual(paths.length - 1);
  });

  it("are dropped with the connection, and others go on", async () => {
    const socket = connect(Number(url.port), "127.0.0.1");
    await once(socket, "connect");
    socket.write("GET /api/v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(500));
    await once(socket, "data");
    socket.destroy();
    expect(await answersTo(["/healthz"])).toMatch(/^HTTP\/1\.1 200/);
  });

  it("are read no further while others wait, before the first is answered and after", async () => {
    const job = await api.runningJob();
    let [open, mostOpen] = [0, 0];
    const count = (_: IncomingMessage, response: ServerResponse): void => {
      open += 1;
      mostOpen = Math.max(mostOpen, open);
      response.once("close", () => (open -= 1));
    };
    api.app.server.prependListener("request", count);
    const paths = Array.from({ length: MANY }, () => "/healthz");
    const answers = answersTo([`/api/v1/jobs/${job.id}?wait=60s`, ...paths], api.tokens.ann);
    await until(() => open > 64, { what: "those that the first read brought" });
    await pause(300);
    await job.end();
    expect((await answers).match(/HTTP\/1\.1 200/g)).toHaveLength(MANY + 1);
    api.app.server.removeListener("request", count);
    expect(mostOpen).toBeLessThan(MANY / 5);
  });

  it("of many connections are taken in by a few a round, and those of whoever has most are cut", async () => {
    const job = await api.runningJob();
    let [inRound, mostInRound] = [0, 0];
    const count = (): void => {
      if (inRound === 0) setImmediate(() => (inRound = 0));
      inRound += 1;
      mostInRound = Math.max(mostInRound, inRound);
    };
    api.app.server.prependListener("request", count);
    const waits = `/api/v1/jobs/${job.id}?wait=60s`;
    const paths = [waits, ...Array.from({ length: 900 }, () => "/healthz")];
    let cut = 0;
    const answers = Array.from({ length: 30 }, async () => {
      const answered = await answersTo(paths, api.tokens.ann);
      if (answered === "") cut += 1;
      return answered;
    });
    await until(() => cut > 0, { what: "a connection that is cut" });
    expect(await answersTo(Array.from({ length: 64 }, () => "/healthz"))).toMatch(/^HTTP\/1\.1 200/);
    await job.end();
    const whole = (await Promise.all(answers)).filter((answered) => answered !== "");
    for (const answered of whole) expect(answered.match(/HTTP\/1\.1 200/g)).toHaveLength(paths.length);
    expect(whole.length).toBeGreaterThanOrEqual(16_384 / 1000);
    api.app.server.removeListener("request", count);
    expect(mostInRound).toBeLessThan(128 + 3000);
  });
});
