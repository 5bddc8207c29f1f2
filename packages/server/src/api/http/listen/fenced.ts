import type { IncomingMessage, ServerResponse as Answer } from "node:http";
import { BerthError } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import type { Fence } from "../../../lib/time/fence.ts";

// By an import, all that the module offers would be loaded.
const { ServerResponse } = process.getBuiltinModule("node:http");

type Looked = Pick<Fence, "look" | "onShut">;

type Written = (error: Error | null | undefined) => void;

/** Tells whoever runs the server that the process lives, whatever it may do. */
const LIFE = "/healthz";

/** Answers that look at the fence before each byte: where it shuts by that, their connection is cut, and nothing is sent. */
export function fencedAnswers(fence: Pick<Looked, "look">): typeof Answer {
  return class<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
    override write(chunk: unknown, encoding?: BufferEncoding | Written, written?: Written): boolean {
      fence.look();
      return super.write(chunk, encoding as BufferEncoding, written);
    }

    override end(chunk?: unknown, encoding?: BufferEncoding | (() => void), ended?: () => void): this {
      fence.look();
      return super.end(chunk, encoding as BufferEncoding, ended);
    }

    override flushHeaders(): void {
      fence.look();
      super.flushHeaders();
    }
  };
}

/** Cuts all connections when the fence shuts, whatever goes on there, and refuses all who ask until it is open again. */
export function shutWithFence(app: FastifyInstance, fence: Looked): void {
  const ignore = fence.onShut(() => app.server.closeAllConnections());
  app.addHook("onClose", async () => ignore());
  app.addHook("onRequest", async ({ routeOptions: { url } }) => {
    if (fence.look() && url !== LIFE) throw cutOff();
  });
}

/** What is said while the database may be another server's. */
function cutOff(): BerthError {
  return new BerthError(
    "DATABASE_UNAVAILABLE",
    "Cannot take requests: the database does not answer, and another server may have it",
  );
}
