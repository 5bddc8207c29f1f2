import { connect, type Socket } from "node:net";
import { fastify } from "fastify";
import { expect, it } from "vitest";
import { boundBodies } from "./body-patience.ts";

const patienceMs = 200;

async function opened() {
  const app = fastify({ requestTimeout: 0 });
  boundBodies(app, { patienceMs });
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
  return { app, port: address.port, asked: asked.promise, answer, [Symbol.asyncDispose]: () => app.close() };
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
