import type { FastifyInstance } from "fastify";
import type { Context } from "../../../operations/context.ts";
import type { Metrics } from "../../../telemetry/metrics.ts";

/** `/metrics` for Prometheus, which sends a token of an administrator like everybody else. */
export function addMetrics(
  app: FastifyInstance,
  { context, metrics }: { context: Context; metrics: Metrics },
): void {
  app.get("/metrics", { config: { permission: { resource: "server", verb: "read" } } }, async (_, reply) => {
    const slots = [...context.engines.keys()].map((engine) => ({
      engine,
      ...context.scheduler.slots(engine),
    }));
    const standby = [...context.engines].map(([engine, one]) => ({ engine, ...one.standby() }));
    const jobs = await context.store.jobs.counts();
    const { contentType, text } = await metrics.render({ jobs, slots, standby });
    return reply.type(contentType).send(text);
  });
}
