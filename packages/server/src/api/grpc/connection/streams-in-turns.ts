import type { Http2Session, ServerHttp2Stream } from "node:http2";
import type { Server } from "@grpc/grpc-js";
import { Turns } from "../../../lib/turns/turns.ts";

/** What grpc-js calls with each stream of a client. It makes the call, which is most of what a call costs that is refused. */
type StreamHandler = (interceptors: readonly unknown[], stream: ServerHttp2Stream, headers: object) => void;

const NAME = "_streamHandler";

/**
 * One read of a connection may bring a thousand streams: their calls are made in turns of the connections, and none for a stream
 * that is closed by then. To be called before the server takes connections. Throws where grpc-js hides its handler better; the
 * tests of arrivals tell.
 */
export function makeCallsInTurns(server: Server): void {
  const handler: unknown = Reflect.get(server, NAME);
  if (typeof handler !== "function") throw new TypeError(`grpc-js has no ${NAME} any more`);
  const handle = (handler as StreamHandler).bind(server);
  const arrivals = new Turns();
  const inTurn: StreamHandler = (interceptors, stream, headers) => {
    // Until the call is made, nobody else listens for errors.
    stream.once("error", () => undefined);
    void arrivals.pass(nameOf(stream.session)).then(() => {
      if (!stream.closed) handle(interceptors, stream, headers);
    });
  };
  Reflect.set(server, NAME, inTurn);
}

const names = new WeakMap<Http2Session, string>();
let named = 0;

/** Tells connections apart. Those that are gone have one name. */
function nameOf(session: Http2Session | undefined): string {
  if (!session) return "";
  const known = names.get(session);
  if (known !== undefined) return known;
  named += 1;
  const name = String(named);
  names.set(session, name);
  return name;
}
