import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";
import { answerBrokenRequest } from "../errors.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The body is a stream of any length: its handler reads it, and says when nothing comes any more. */
    streamsBody?: boolean;
  }
}

/** A body of 24 MiB may take as long; a slow one may not hold a connection for ever. */
const PATIENCE_MS = 120_000;

/**
 * Cuts requests whose body takes too long. Node's own timeout knows one time for all of them, and an upload of 10 GiB takes
 * as long as it takes; what is left of one when it has been answered is bounded all the same.
 */
export function boundBodies(app: FastifyInstance, { patienceMs = PATIENCE_MS } = {}): void {
  const patience = new WeakMap<IncomingMessage, { pause: () => void }>();
  // Before the framework sees it: what it refuses by itself comes to none of its hooks.
  app.server.prependListener("request", (request: IncomingMessage, response: ServerResponse) => {
    const { "content-length": length, "transfer-encoding": encoding } = request.headers;
    if (request.complete || (encoding === undefined && (length === undefined || length === "0"))) return;
    const strike = (): void => {
      // All of it came, whether somebody has read it or not: the connection may serve another request by now.
      if (!request.complete) cut(request.socket, response.headersSent);
    };
    let timer: NodeJS.Timeout | undefined = setTimeout(strike, patienceMs).unref();
    const clear = (): void => {
      clearTimeout(timer);
      timer = undefined;
    };
    const end = (): void => {
      clear();
      response.off("finish", begin);
    };
    const begin = (): void => {
      timer ??= setTimeout(strike, patienceMs).unref();
    };
    request.once("end", end);
    request.once("close", end);
    patience.set(request, {
      pause() {
        clear();
        response.once("finish", begin);
      },
    });
  });
  app.addHook("onRequest", async ({ raw, routeOptions }) => {
    if (routeOptions.config?.streamsBody === true) patience.get(raw)?.pause();
  });
}

function cut(socket: Socket, isAnswered: boolean): void {
  if (isAnswered) socket.destroy();
  else
    answerBrokenRequest(Object.assign(new Error("too slow"), { code: "ERR_HTTP_REQUEST_TIMEOUT" }), socket);
}
