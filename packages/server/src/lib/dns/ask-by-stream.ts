import { connect } from "node:net";
import type { Exchange } from "./exchange.ts";
import { StreamMessages, writeStreamMessage } from "./stream-messages.ts";

/** Asks by TCP, for answers that no packet holds. null where no answer comes in time, or another than the one asked for. */
export async function askByStream({ server, query, timeoutMs, isAnswer }: Exchange): Promise<Buffer | null> {
  const answer = Promise.withResolvers<Buffer | null>();
  const socket = connect({ host: server.address, port: server.port });
  const timer = setTimeout(() => answer.resolve(null), timeoutMs);
  const messages = new StreamMessages();
  socket.on("error", () => answer.resolve(null));
  socket.on("close", () => answer.resolve(null));
  socket.on("connect", () => socket.write(writeStreamMessage(query)));
  socket.on("data", (bytes: Buffer) => {
    messages.push(bytes);
    const first = messages.shift();
    if (first !== null) answer.resolve(isAnswer(first) ? first : null);
  });
  try {
    return await answer.promise;
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}
