import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  Introspection,
  type IntrospectionOptions,
} from "../../src/auth/providers/introspection/introspection.ts";
import { until } from "../support/until.ts";

type Answer = (
  response: ServerResponse,
  request: { body: string; headers: IncomingMessage["headers"] },
) => void;

let server: Server;
let answer: Answer;
let asked: { body: string; headers: IncomingMessage["headers"] }[];
let now: number;
beforeEach(async () => {
  asked = [];
  now = 1_000_000_000;
  answer = (response) => says(response, { active: true, sub: "s1", preferred_username: "ann" });
  server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push({ body, headers: request.headers });
      answer(response, { body, headers: request.headers });
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

function says(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

function open(options: Partial<IntrospectionOptions> = {}): Introspection {
  const { port } = server.address() as AddressInfo;
  const url = new URL(`http://127.0.0.1:${port}/introspect`);
  return new Introspection({
    url,
    style: "json",
    authorization: null,
    ca: null,
    cacheMs: 30_000,
    now: () => now,
    ...options,
  });
}

const from = { address: "192.0.2.1" };
const unknown = { code: "UNAUTHENTICATED" };
const away = { code: "IDENTITY_UNAVAILABLE" };

describe("a token that another server vouches for", () => {
  it("is sent as JSON, and its answer kept for a moment", async () => {
    const introspection = open();
    for (let n = 0; n < 3; n += 1)
      expect(await introspection.find("t 1", from)).toMatchObject({
        identity: { subject: "s1", name: "ann" },
      });
    expect(asked.map(({ body }) => body)).toEqual(['{"token":"t 1"}']);
    now += 30_000;
    answer = (response) => says(response, { active: false });
    await expect(introspection.find("t 1", from)).rejects.toMatchObject(unknown);
    expect(asked).toHaveLength(2);
  });

  it("is sent as a form with this server's credentials by RFC 7662", async () => {
    await open({ style: "rfc7662", authorization: "Basic eDp5" }).find("a&b=c", from);
    expect(asked[0]).toMatchObject({
      body: "token=a%26b%3Dc&token_type_hint=access_token",
      headers: { authorization: "Basic eDp5", "content-type": "application/x-www-form-urlencoded" },
    });
  });

  it("is asked for once, however many show it at the same time", async () => {
    let release = (): void => undefined;
    answer = (response) => (release = () => says(response, { sub: "s" }));
    const introspection = open();
    const all = Array.from({ length: 100 }, () => introspection.find("t", from));
    await until(() => asked.length === 1, { what: "the question" });
    release();
    expect(new Set((await Promise.all(all)).map(({ identity }) => identity.subject))).toEqual(new Set(["s"]));
    expect(asked).toHaveLength(1);
  });

  it("is not kept beyond its own end", async () => {
    const introspection = open();
    const exp = now / 1000 + 3;
    answer = (response) => says(response, { sub: "s", exp });
    await introspection.find("t", from);
    now += 3000;
    await expect(introspection.find("t", from)).rejects.toMatchObject(unknown);
  });

  it("that is nobody's is not asked for again for five seconds", async () => {
    const introspection = open();
    answer = (response) => says(response, { active: false });
    for (let n = 0; n < 3; n += 1) await expect(introspection.find("t", from)).rejects.toMatchObject(unknown);
    expect(asked).toHaveLength(1);
    now += 5000;
    answer = (response) => says(response, { sub: "s" });
    expect(await introspection.find("t", from)).toMatchObject({ identity: { subject: "s" } });
  });
});

describe("a server that is not well lets nobody in, and nobody out for longer than it is so", () => {
  it.each<[string, Answer]>([
    ["says 500", (response) => says(response, { active: true, sub: "s" }, 500)],
    ["answers with a page", (response) => response.end("<html>")],
    ["sends elsewhere", (response) => response.writeHead(302, { location: "/elsewhere" }).end()],
    [
      "cuts its answer",
      (response) =>
        response.writeHead(200, { "content-length": "99" }).write('{"sub":"s"}', () => response.destroy()),
    ],
    ["cuts the connection", (response) => response.destroy()],
    [
      "answers with 10 MB",
      (response) => response.end(JSON.stringify({ sub: "s", pad: "x".repeat(10_000_000) })),
    ],
  ])("that %s", async (_what, how) => {
    const introspection = open();
    answer = how;
    await expect(introspection.find("t", from)).rejects.toMatchObject(away);
    answer = (response) => says(response, { sub: "s" });
    expect(await introspection.find("t", from)).toMatchObject({ identity: { subject: "s" } });
    expect(asked).toHaveLength(2);
  });

  it.each<[string, Answer]>([
    ["answers", () => undefined],
    ["ends its answer", (response) => response.writeHead(200).write('{"sub":"s"}')],
  ])("that never %s", async (_what, how) => {
    answer = how;
    await expect(open({ timeoutMs: 300 }).find("t", from)).rejects.toMatchObject(away);
  });

  it("that is not there", async () => {
    await expect(open({ url: new URL("http://127.0.0.1:1/") }).find("t", from)).rejects.toMatchObject({
      ...away,
      // What is where, and what is wrong there, is for the log.
      message: "Cannot ask whose the token is",
      cause: { message: expect.stringContaining("ECONNREFUSED") as string },
    });
  });

  it("that is gone goes on vouching for what it has vouched for until that is over", async () => {
    const introspection = open();
    await introspection.find("t", from);
    server.close();
    server.closeAllConnections();
    expect(await introspection.find("t", from)).toMatchObject({ identity: { name: "ann" } });
    now += 30_000;
    await expect(introspection.find("t", from)).rejects.toMatchObject(away);
  });
});

it("asks for sixteen tokens of one address at once, and no more, so that others are asked for too", async () => {
  const held: ServerResponse[] = [];
  answer = (response, { body }) =>
    body.includes("guess") ? held.push(response) : says(response, { sub: "s" });
  const introspection = open();
  const guesses = Array.from({ length: 40 }, (_, n) =>
    introspection.find(`guess-${n}`, from).catch((error: unknown) => (error as { code: string }).code),
  );
  await until(() => held.length === 16, { what: "the questions" });
  expect(await introspection.find("t", { address: "192.0.2.2" })).toMatchObject({
    identity: { subject: "s" },
  });
  for (const response of held) says(response, { active: false });
  const codes = await Promise.all(guesses);
  expect(codes.filter((code) => code === "UNAUTHENTICATED")).toHaveLength(16);
  expect(codes.filter((code) => code === "IDENTITY_UNAVAILABLE")).toHaveLength(24);
});
