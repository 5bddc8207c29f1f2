import { BerthError } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import type { Context } from "../../../operations/context.ts";

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

  app.get("/readyz", { config }, async () => {
    if (isClosing()) throw new BerthError("SHUTTING_DOWN", "Cannot take jobs: the server is shutting down");
    const { store, scheduler, policy } = context;
    await store.ping().catch((cause: unknown) => {
      throw new BerthError("STORAGE_FAILED", "Cannot take jobs: the database does not answer", { cause });
    });
    const now = scheduler.readiness(policy.defaultEngine);
    if (!now.ready) throw new BerthError("ENGINE_UNAVAILABLE", `Cannot take jobs: ${now.reason}`);
    return { status: "ready" };
  });
}
