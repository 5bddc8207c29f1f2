import type { ServerHttp2Stream } from "node:http2";
import { Metadata, type ServerInterceptor } from "@grpc/grpc-js";
import type { InPieces } from "../messages/in-pieces.ts";
import { http2StreamOf } from "./inside-call.ts";

/** Of each message: not compressed, and its length. */
const frameHeadBytes = 5;

/**
 * Sends a message from where its pieces lie. grpc-js would make a buffer for each, copy it there, and have the collector
 * look for it again: for each 64 MiB once through all that the server holds. `sent` is called when nothing needs the pieces any
 * more. False where the message has to go through grpc-js, as its HTTP/2 stream cannot be had.
 */
export function sendPieces(
  call: Parameters<ServerInterceptor>[1],
  message: InPieces,
  sent: () => void,
): boolean {
  const stream = http2StreamOf(call);
  if (!stream) return false;
  // Whoever waits for this to be sent hears that the call is over.
  if (stream.destroyed || stream.closed || stream.writableEnded) return true;
  call.sendMetadata(new Metadata());
  write(stream, message, sent);
  return true;
}

function write(stream: ServerHttp2Stream, { pieces, length }: InPieces, sent: () => void): void {
  const head = Buffer.allocUnsafe(frameHeadBytes);
  head.writeUInt8(0, 0);
  head.writeUInt32BE(length, 1);
  stream.cork();
  stream.write(head);
  for (const [index, piece] of pieces.entries()) {
    if (index < pieces.length - 1) stream.write(piece);
    else stream.write(piece, (error) => (error ? undefined : sent()));
  }
  stream.uncork();
}
