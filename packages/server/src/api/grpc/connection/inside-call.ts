import type { ServerHttp2Stream } from "node:http2";

/** What grpc-js keeps to itself in a call; absent if it ever hides it better. Whoever needs it has a test that tells. */
interface InsideCall {
  stream?: ServerHttp2Stream;
  deadlineTimer?: NodeJS.Timeout | null;
  decoder?: { readPartialMessage?: Buffer[] };
}

/** The HTTP/2 stream below a call. */
export function http2StreamOf(call: object): ServerHttp2Stream | undefined {
  return (call as InsideCall).stream;
}

/** Far more than passes between the arrival of a call and this look at it. */
const longAgoMs = 60_000;

/**
 * Takes back a deadline that has just come and is long over. grpc-js counts milliseconds in 32 bits: a client that gives
 * 30 days would be told at once that they are over. The client itself knows when they are.
 */
export function dropOverflownDeadline(call: { getDeadline(): Date | number }): void {
  if (Number(call.getDeadline()) < Date.now() - longAgoMs)
    clearTimeout((call as InsideCall).deadlineTimer ?? undefined);
}

/**
 * Lets go of the pieces in which the last message came. grpc-js keeps them until the next one, which a call of one
 * message never gets, and a call that waits may be open for hours.
 */
export function dropMessagePieces(call: object): void {
  const { decoder } = call as InsideCall;
  if (decoder) decoder.readPartialMessage = [];
}
