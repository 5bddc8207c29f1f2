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
export function boundBodies(app: FastifyInstance): void {
  app.addHook("onRequest", async ({ raw, routeOptions }, reply) => {
    const { "content-length": length, "transfer-encoding": encoding } = raw.headers;
    if (raw.complete || (encoding === undefined && (length === undefined || length === "0"))) return;
    let timer: NodeJS.Timeout | undefined;
    const begin = (): void => {
      // All of it came before the answer went: the connection may serve another request by the time this would strike.
      if (raw.complete) return;
      timer ??= setTimeout(() => cut(raw.socket, reply.raw.headersSent), PATIENCE_MS);
    };
    const clear = (): void => clearTimeout(timer);
    raw.once("end", clear);
    raw.once("close", clear);
    if (routeOptions.config?.streamsBody === true) reply.raw.once("finish", begin);
    else begin();
  });
}

function cut(socket: Socket, isAnswered: boolean): void {
  if (isAnswered) socket.destroy();
  else
    answerBrokenRequest(Object.assign(new Error("too slow"), { code: "ERR_HTTP_REQUEST_TIMEOUT" }), socket);
}
