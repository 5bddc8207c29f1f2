import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { Exchange } from "./exchange.ts";
import { readHeader } from "./message.ts";

/** A longer answer is asked for again by a stream, as one that was cut off is. */
const MOST_BYTES = 4096;
/** After so many answers to other questions somebody is guessing: a stream cannot be guessed into. */
const MOST_WRONG = 8;

/**
 * Asks by UDP, from a port that the kernel chooses for this question alone, and hears that server and its port alone.
 * null where no answer comes in time, or the server is not there.
 */
export async function askByPacket({
  server,
  query,
  timeoutMs,
  isAnswer,
}: Exchange): Promise<Buffer | "by-stream" | null> {
  const answer = Promise.withResolvers<Buffer | "by-stream" | null>();
  const socket = createSocket(isIPv6(server.address) ? "udp6" : "udp4");
  const timer = setTimeout(() => answer.resolve(null), timeoutMs);
  let wrong = 0;
  socket.on("error", () => answer.resolve(null));
  socket.on("message", (bytes) => {
    if (isAnswer(bytes)) {
      const isCut = bytes.length > MOST_BYTES || readHeader(bytes)?.isTruncated === true;
      return answer.resolve(isCut ? "by-stream" : bytes);
    }
    wrong += 1;
    if (wrong >= MOST_WRONG) answer.resolve("by-stream");
  });
  socket.on("connect", () => socket.send(query, (error) => error && answer.resolve(null)));
  try {
    socket.connect(server.port, server.address);
    return await answer.promise;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
    socket.close();
  }
}
