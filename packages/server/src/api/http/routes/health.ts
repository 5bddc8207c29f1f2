import { BerthError } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import type { Context } from "../../../operations/context.ts";

/** Looking at the host costs some milliseconds, and probes come every few seconds from several places. */
const ENGINE_CHECK_MS = 10_000;

/** `/healthz`: the process lives. `/readyz`: it can take jobs. Open to everybody, so they say nothing else. */
export function addHealth(
  app: FastifyInstance,
  { context, isClosing }: { context: Context; isClosing: () => boolean },
): void {
  const config = { permission: null };
  const engineIsUsable = cached(() => checkEngine(context), { now: () => context.now() });

  app.get("/healthz", { config }, async () => ({ status: "ok" }));

  app.get("/readyz", { config }, async () => {
    if (isClosing()) throw new BerthError("SHUTTING_DOWN", "Cannot take jobs: the server is shutting down");
    await context.store.ping().catch((cause: unknown) => {
      throw new BerthError("STORAGE_FAILED", "Cannot take jobs: the database does not answer", { cause });
    });
    await engineIsUsable();
    return { status: "ready" };
  });
}

async function checkEngine({ engines, policy }: Context): Promise<void> {
  const checks = await engines
    .get(policy.defaultEngine)
    ?.check()
    .catch((cause: unknown) => {
      throw unusable("its check failed", cause);
    });
  if (!checks) throw unusable("it is not here");
  const runtime = checks.find((check) => check.name === "runtime");
  if (runtime?.status === "missing") throw unusable("its runtime is missing");
}

function unusable(why: string, cause?: unknown): BerthError {
  return new BerthError("ENGINE_UNAVAILABLE", `Cannot take jobs: the engine is not usable, ${why}`, {
    cause,
  });
}

function cached<Value>(read: () => Promise<Value>, { now }: { now: () => number }): () => Promise<Value> {
  let last: { at: number; value: Promise<Value> } | null = null;
  return () => {
    if (last === null || Math.abs(now() - last.at) >= ENGINE_CHECK_MS) last = { at: now(), value: read() };
    return last.value;
  };
}
