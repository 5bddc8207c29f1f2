import { once } from "node:events";
import { existsSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { tempFolder } from "../../../test/support/temp-folder.ts";
import type { Seen } from "./door.ts";
import { openDoor } from "./open-door.ts";

const scope = new AsyncDisposableStack();
let folder: string;
let port: number;
let server: Server;
/** What the host was sent. */
let came: string[];
beforeEach(async () => {
  folder = scope.use(tempFolder()).path;
  came = [];
  server = createServer((socket) => {
    socket
      .on("error", () => undefined)
      .on("data", (block: Buffer) => {
        came.push(block.toString());
        socket.write(block.toString() === "much" ? Buffer.alloc(100_000) : block);
      });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});
afterEach(() => void server.close());

async function opened(more: object = {}) {
  const seen: Seen[] = [];
  const door = {
    id: "1",
    folder,
    name: "door",
    host: "127.0.0.1",
    port,
    rules: null,
    allowed: ["127.0.0.0/8"],
    mostBytes: 50_000,
    ...more,
  };
  const open = await openDoor(door, (one) => seen.push(one));
  return { seen, [Symbol.dispose]: () => open[Symbol.dispose]() };
}

/** Asks for a connection; what was answered to that, and the connection. */
async function ask(
  host: string,
  to: number,
  behind = "",
): Promise<{ code: number | undefined; socket: Socket }> {
  const socket = connect(join(folder, "door")).on("error", () => undefined);
  const words = Buffer.from([5, 1, 0, 3, host.length, ...Buffer.from(host), to >> 8, to & 255]);
  socket.write(Buffer.concat([Buffer.from([5, 1, 0]), words, Buffer.from(behind)]));
  let answer = Buffer.alloc(0);
  while (answer.length < 12 && !socket.readableEnded) {
    const block = socket.read() as Buffer | null;
    if (block === null) await Promise.race([once(socket, "readable"), once(socket, "end")]);
    else answer = Buffer.concat([answer, block]);
  }
  if (answer.length > 12) socket.unshift(answer.subarray(12));
  return { code: answer[3], socket };
}

it("leads to its host, with what was said behind the request", async () => {
  using door = await opened();
  const { code, socket } = await ask("127.0.0.1", port, "hello");
  expect(code).toBe(0);
  const [said] = (await once(socket, "data")) as [Buffer];
  expect([said.toString(), came, door.seen]).toEqual(["hello", ["hello"], []]);
  socket.destroy();
});

it.each<[string, () => readonly [string, number]]>([
  ["another port", () => ["127.0.0.1", port === 1 ? 2 : 1]],
  ["another host", () => ["localhost", port]],
])("leads to no %s", async (_what, where) => {
  using door = await opened();
  const [host, to] = where();
  const { code } = await ask(host, to);
  expect([code, came, door.seen]).toEqual([
    2,
    [],
    [{ reason: "refused_address", detail: expect.any(String) as string }],
  ]);
});

it("judges the addresses of a name as they are connected to", async () => {
  using door = await opened({ host: "localhost", allowed: [] });
  const { code } = await ask("localhost", port);
  expect([code, came, door.seen[0]?.reason]).toEqual([2, [], "refused_address"]);
});

it.each([
  ["unreachable", { host: "127.0.0.1", port: 1 }],
  ["host_not_found", { host: "git.host.invalid" }],
])("tells that its host is %s", async (reason, more) => {
  using door = await opened(more);
  const { code } = await ask(more.host, "port" in more ? more.port : port);
  expect([code, door.seen[0]?.reason]).toEqual([4, reason]);
});

it("ends what lets in more than it may, in all", async () => {
  using door = await opened();
  const { socket } = await ask("127.0.0.1", port, "much");
  socket.resume();
  await once(socket, "close");
  expect(door.seen[0]?.reason).toBe("too_large");
});

it("hears nothing that is not asked as it has to be, and is gone once it is shut", async () => {
  const door = await opened();
  const socket = connect(join(folder, "door")).on("error", () => undefined);
  socket.write("GET / HTTP/1.1\r\n\r\n");
  await once(socket, "close");
  const left = await ask("127.0.0.1", port, "hello");
  await once(left.socket, "data");
  door[Symbol.dispose]();
  await once(left.socket, "close");
  expect([existsSync(join(folder, "door")), came]).toEqual([false, ["hello"]]);
});
