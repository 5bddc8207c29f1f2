import { once } from "node:events";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2";
import type { Credentials } from "./grpc-bench.ts";

/** A connection on which a test may do what no gRPC library does. */
export interface RawConnection extends Disposable {
  readonly session: ClientHttp2Session;
  /** Opens a call and sends nothing but its headers. Errors are the test's to look for. */
  open(path: string, headers?: OutgoingHttpHeaders): ClientHttp2Stream;
}

export async function rawConnection(port: number, { roots, pair }: Credentials): Promise<RawConnection> {
  const shown = pair && { key: pair.key.reveal(), cert: pair.chainPem };
  const session = connect(`https://localhost:${port}`, { ca: roots, ...shown });
  session.on("error", () => undefined);
  await once(session, "remoteSettings");
  return {
    session,
    open(path, headers = {}) {
      const stream = session.request(
        {
          ":method": "POST",
          ":path": path,
          "content-type": "application/grpc",
          te: "trailers",
          ...headers,
        },
        { endStream: false },
      );
      return stream.on("error", () => undefined);
    },
    [Symbol.dispose]: () => session.destroy(),
  };
}

/** A message as it goes over the wire; `length` is what its frame claims, the length of `bytes` unless given. */
export function framed(bytes: Uint8Array, { length = bytes.length, compressed = false } = {}): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(compressed ? 1 : 0, 0);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, bytes]);
}

/** The status that a call ends with; null when the stream was reset without one. */
export async function statusOf(stream: ClientHttp2Stream): Promise<{ code: number; message: string } | null> {
  const ended = Promise.withResolvers<{ code: number; message: string } | null>();
  const take = ({ "grpc-status": code, "grpc-message": message = "" }: IncomingHttpHeaders): void => {
    if (code !== undefined)
      ended.resolve({ code: Number(code), message: decodeURIComponent(String(message)) });
  };
  stream
    .on("response", take)
    .on("trailers", take)
    .on("close", () => ended.resolve(null));
  if (stream.closed) ended.resolve(null);
  stream.resume();
  return ended.promise;
}
