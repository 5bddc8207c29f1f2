import { connect, type Socket } from "node:net";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fastify, type FastifyRequest } from "fastify";
import { expect, it } from "vitest";
import { boundBodies } from "./body-patience.ts";

const patienceMs = 200;

async function opened() {
  const app = fastify({ requestTimeout: 0 });
  const patience = boundBodies(app, { patienceMs });
  // As the server holds back whom it has not given a place yet.
  const place = Promise.withResolvers<void>();
  const held: FastifyRequest["raw"][] = [];
  app.addContentTypeParser("text/plain", async (request: FastifyRequest, body: Readable) => {
    held.push(request.raw);
    await patience.whileWaiting(request.raw, place.promise);
    return await text(body);
  });
  app.post("/text", async ({ body }) => body);
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<string>();
  app.get("/lasts", async () => {
    asked.resolve();
    return await answer.promise;
  });
  app.post("/json", async () => "read");
  await app.listen({ host: "127.0.0.1", port: 0 });
  const address = app.server.address();
  if (address === null || typeof address === "string") throw new Error("There is no port");
  return {
    app,
    place,
    held,
    port: address.port,
    asked: asked.promise,
    answer,
    [Symbol.asyncDispose]: () => app.close(),
  };
}

/** All that comes until the server ends the connection, or until it holds `text`. */
async function heard(socket: Socket, text?: string): Promise<string> {
  let all = "";
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    all += String(chunk);
    if (text !== undefined && all.includes(text)) break;
  }
  return all;
}

it.each([
  ["one that a route reads", "POST /json HTTP/1.1"],
  ["one whose path the framework refuses by itself", "POST /%zz HTTP/1.1"],
  ["one that no route takes", "POST /nowhere HTTP/1.1"],
])("cuts a body that never ends: %s", async (_what, line) => {
  await using server = await opened();
  const socket = connect(server.port, "127.0.0.1");
  socket.write(`${line}\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{`);
  await heard(socket);
  expect(socket.readableEnded).toBe(true);
  socket.destroy();
});

it("leaves a request alone that came whole, though nobody reads its body", async () => {
  await using server = await opened();
  const socket = connect(server.port, "127.0.0.1");
  socket.write("GET /lasts HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}");
  await server.asked;
  const later = Promise.withResolvers<void>();
  // Made after that of the request, and of the same length: it comes after it.
  setTimeout(later.resolve, patienceMs);
  await later.promise;
  server.answer.resolve("here it is");
  expect(await heard(socket, "here it is")).toContain("200 OK");
  socket.destroy();
});

it("does not count the time in which the server itself lets a body wait, and goes on counting after it", async () => {
  await using server = await opened();
  const head =
    "POST /text HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ncontent-length: 10\r\n\r\n12345";
  const [whole, endless] = [connect(server.port, "127.0.0.1"), connect(server.port, "127.0.0.1")];
  for (const socket of [whole, endless]) socket.write(head);
  const over = Promise.withResolvers<void>();
  setTimeout(over.resolve, 3 * patienceMs);
  const cut = heard(endless);
  await over.promise;
  whole.write("67890");
  await expect.poll(() => server.held.some(({ complete }) => complete)).toBe(true);
  server.place.resolve();
  expect(await heard(whole, "1234567890")).toContain("200 OK");
  expect(await cut).toContain("408");
  expect(endless.readableEnded).toBe(true);
  for (const socket of [whole, endless]) socket.destroy();
});
