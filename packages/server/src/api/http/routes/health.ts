import { BerthError, isBerthError } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import { answerError } from "../errors.ts";
import type { Context } from "../../../operations/context.ts";

/** The log has it since it came about: whoever asks every second must not fill it. */
const saidBefore = { requestFailed: () => undefined };

/**
 * `/healthz`: the process lives. `/readyz`: it can take jobs, as one of its own has run. Open to everybody, so they say
 * nothing of anybody's jobs.
 */
export function addHealth(
  app: FastifyInstance,
  { context, isClosing }: { context: Context; isClosing: () => boolean },
): void {
  const config = { permission: null };

  app.get("/healthz", { config }, async () => ({ status: "ok" }));

  app.get("/readyz", { config }, async (request, reply) => {
    if (isClosing()) throw new BerthError("SHUTTING_DOWN", "Cannot take jobs: the server is shutting down");
    const { store, scheduler, policy } = context;
    await store.ping().catch((cause: unknown) => {
      throw unusable(cause);
    });
    const now = scheduler.readiness(policy.defaultEngine);
    if (now.ready) return { status: "ready" };
    const error = new BerthError("ENGINE_UNAVAILABLE", `Cannot take jobs: ${now.reason}`);
    answerError(error, { request, reply, events: saidBefore });
    return reply;
  });
}

/** With the remedy for this very case, and without the database's name, which is nobody's business here: the log has it. */
function unusable(cause: unknown): BerthError {
  const text = "Cannot take jobs: the database does not answer, or takes no writes";
  if (!isBerthError(cause)) return new BerthError("STORAGE_FAILED", text, { cause });
  return new BerthError(cause.code, text, { cause, fix: cause.fix });
}
