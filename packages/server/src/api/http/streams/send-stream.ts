import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { FastifyReply } from "fastify";

export interface StreamOptions {
  contentType: string;
  signal: AbortSignal;
  /** Resolves when the next piece may be sent: others have their turns too. */
  turn(): Promise<void>;
  /** Sends the headers at once, before there is a first piece. */
  eager: boolean;
  /** Of pieces that are text. Default utf8; latin1 spares the search for characters of several bytes. */
  encoding?: "utf8" | "latin1";
  /** Called with an error that ends the stream half way; not with a client that leaves. */
  onError(error: unknown): void;
  /** Sent now and then while nothing else is, so that proxies and clients know the connection to be alive. */
  heartbeat?: { everyMs: number; text: string } | undefined;
}

/**
 * What makes a text, or bytes with what goes before them and what to call when no socket holds them any more. A text is made
 * when it is its turn: hundreds of long ones that lived until then would grow the heap by more than all that is sent.
 */
export type Piece = (() => string) | { head?: Uint8Array; data: Uint8Array; release?: () => void };

/**
 * Answers with pieces as they come, straight to the socket, at the pace at which the client reads: at most one piece
 * and the socket's own buffer are held. An answer that could not be completed is cut off, never ended as if it were
 * whole, so that a client can tell and ask for the rest.
 */
export async function sendStream(
  reply: FastifyReply,
  pieces: AsyncIterable<Piece>,
  options: StreamOptions,
): Promise<void> {
  const { raw } = reply;
  const { signal, encoding = "utf8" } = options;
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) raw.setHeader(name, value);
  raw.setHeader("content-type", options.contentType);
  raw.writeHead(200);
  if (options.eager) raw.flushHeaders();
  using _beat = startHeartbeat(raw, options.heartbeat);
  try {
    for await (const piece of pieces) {
      await options.turn();
      if (!write(raw, piece, encoding)) await once(raw, "drain", { signal });
    }
    if (signal.aborted) raw.destroy();
    else raw.end();
  } catch (error) {
    if (!signal.aborted) options.onError(error);
    raw.destroy();
  }
}

/** false when the client has to catch up first. */
function write(raw: ServerResponse, piece: Piece, encoding: "utf8" | "latin1"): boolean {
  if (typeof piece === "function") return raw.write(piece(), encoding);
  const { head, data } = piece;
  const written = (): void => piece.release?.();
  if (head === undefined) return raw.write(data, written);
  // Both leave in one system call: Node holds what is written until the end of this turn of the loop. (Corking the answer
  // by hand would lose its `drain`.)
  raw.write(head);
  return raw.write(data, written);
}

function startHeartbeat(raw: ServerResponse, heartbeat: StreamOptions["heartbeat"]): Disposable {
  if (!heartbeat) return { [Symbol.dispose]: () => undefined };
  const timer = setInterval(() => {
    // A client that does not read needs no sign of life, and must not fill the buffer.
    if (!raw.writableNeedDrain) raw.write(heartbeat.text);
  }, heartbeat.everyMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
