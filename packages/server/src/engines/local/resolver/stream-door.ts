import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Door, DoorOptions } from "./packet-door.ts";
import { MOST_QUERY_BYTES } from "../../../lib/dns/query.ts";
import { StreamMessages, writeStreamMessage } from "../../../lib/dns/stream-messages.ts";

/** Connections of one job, and of all. */
const MOST_OF_ONE = 8;
const MOST_STREAMS = 1024;
/** How long a connection has for its next question, and for taking its answer. */
const PATIENCE_MS = 10_000;

/** Answers what comes by TCP: on each connection one question after another. */
export async function openStreamDoor(
  options: DoorOptions & {
    patienceMs?: number;
    /** Whether anybody is answered there: whoever else comes takes no room. */
    knows: (from: string) => boolean;
  },
): Promise<Door> {
  const { address, port, patienceMs = PATIENCE_MS, answer, knows, onProblem } = options;
  const open = new Map<string, Set<Socket>>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const from = socket.remoteAddress ?? "";
    const own = open.get(from) ?? new Set();
    socket.on("error", () => undefined);
    if (own.size >= MOST_OF_ONE || !knows(from)) return void socket.destroy();
    open.set(from, own.add(socket));
    socket.on("close", () => {
      own.delete(socket);
      if (own.size === 0) open.delete(from);
    });
    serve(socket, { patienceMs, answer: (message) => answer(from, message) }).catch(onProblem);
  });
  server.maxConnections = MOST_STREAMS;
  server.listen(port, address);
  await once(server, "listening");
  server.on("error", onProblem);
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const own of open.values()) for (const socket of own) socket.destroy();
      await closed;
    },
  };
}

async function serve(
  socket: Socket,
  { patienceMs, answer }: { patienceMs: number; answer: (message: Buffer) => Promise<Buffer | null> },
): Promise<void> {
  const messages = new StreamMessages();
  let timer = setTimeout(() => socket.destroy(), patienceMs);
  const again = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => socket.destroy(), patienceMs);
  };
  socket.on("close", () => clearTimeout(timer));
  const chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const next = (): Promise<IteratorResult<Buffer>> =>
    chunks.next().catch(() => ({ done: true, value: undefined }));
  try {
    for (let chunk = await next(); chunk.done !== true; chunk = await next()) {
      messages.push(chunk.value);
      for (let message = messages.shift(); message !== null; message = messages.shift()) {
        const reply = await answer(message);
        if (reply === null || socket.destroyed) return;
        again();
        await written(socket, writeStreamMessage(reply));
      }
      if (messages.size > MOST_QUERY_BYTES + 2) return;
    }
  } finally {
    // What was answered still goes out, for as long as the other side has patience for it.
    socket.destroySoon();
  }
}

/** Resolves when the other side may be sent more, or is gone. */
async function written(socket: Socket, bytes: Buffer): Promise<void> {
  if (socket.write(bytes)) return;
  const done = Promise.withResolvers<void>();
  socket.once("drain", done.resolve);
  socket.once("close", () => done.resolve());
  await done.promise;
}
