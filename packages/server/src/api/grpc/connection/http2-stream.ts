import type { ServerHttp2Stream } from "node:http2";

/**
 * The HTTP/2 stream below a call, which grpc-js keeps to itself; undefined if it ever hides it better. What needs it must
 * have another way, and a test that tells when that is the only one left.
 */
export function http2StreamOf(call: object): ServerHttp2Stream | undefined {
  return (call as { stream?: ServerHttp2Stream }).stream;
}
