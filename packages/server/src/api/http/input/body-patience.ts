import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";
import { answerBrokenRequest } from "../errors.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The body is a stream of any length: its handler reads it, and says when nothing comes any more. */
    streamsBody?: boolean;
    /** The body is bytes, not JSON. */
    rawBody?: boolean;
  }
}

/** A body of 24 MiB may take as long; a slow one may not hold a connection for ever. */
const PATIENCE_MS = 120_000;

/** Bounds the time that bodies take. */
export interface BodyPatience {
  /** The server itself lets the rest of this body wait: that is not the sender's time. */
  whileWaiting(request: IncomingMessage, wait: Promise<void>): Promise<void>;
}

/**
 * Cuts requests whose body takes too long. Node's own timeout knows one time for all of them, and an upload of 10 GiB takes
 * as long as it takes; what is left of one when it has been answered is bounded all the same.
 */
export function boundBodies(app: FastifyInstance, { patienceMs = PATIENCE_MS } = {}): BodyPatience {
  const clocks = new WeakMap<IncomingMessage, BodyClock>();
  // Before the framework sees it: what it refuses by itself comes to none of its hooks.
  app.server.prependListener("request", (request: IncomingMessage, response: ServerResponse) => {
    const { "content-length": length, "transfer-encoding": encoding } = request.headers;
    if (request.complete || (encoding === undefined && (length === undefined || length === "0"))) return;
    const clock = new BodyClock(patienceMs, () => {
      // All of it came, whether somebody has read it or not: the connection may serve another request by now.
      if (!request.complete) cut(request.socket, response.headersSent);
    });
    clocks.set(request, clock);
    request.once("end", () => clock.end());
    request.once("close", () => clock.end());
  });
  app.addHook("onRequest", async ({ raw, routeOptions }, reply) => {
    const clock = clocks.get(raw);
    if (routeOptions.config?.streamsBody !== true || clock === undefined) return;
    clock.stop();
    reply.raw.once("finish", () => clock.begin(patienceMs));
  });
  return {
    async whileWaiting(request, wait) {
      const clock = clocks.get(request);
      const leftMs = clock?.stop() ?? null;
      try {
        await wait;
      } finally {
        if (leftMs !== null) clock?.begin(leftMs);
      }
    },
  };
}

/** The time that one body may still take. */
class BodyClock {
  readonly #strike: () => void;
  #timer: NodeJS.Timeout | null = null;
  #strikesAt = 0;
  #isOver = false;

  constructor(ms: number, strike: () => void) {
    this.#strike = strike;
    this.begin(ms);
  }

  begin(ms: number): void {
    if (this.#isOver || this.#timer !== null) return;
    this.#strikesAt = performance.now() + ms;
    this.#timer = setTimeout(this.#strike, ms).unref();
  }

  /** What was left, in milliseconds; null where it stood still already. */
  stop(): number | null {
    if (this.#timer === null) return null;
    clearTimeout(this.#timer);
    this.#timer = null;
    return Math.max(this.#strikesAt - performance.now(), 0);
  }

  end(): void {
    this.stop();
    this.#isOver = true;
  }
}

function cut(socket: Socket, isAnswered: boolean): void {
  if (isAnswered) socket.destroy();
  else
    answerBrokenRequest(Object.assign(new Error("too slow"), { code: "ERR_HTTP_REQUEST_TIMEOUT" }), socket);
}
