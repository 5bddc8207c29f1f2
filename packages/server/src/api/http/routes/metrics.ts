import type { FastifyInstance } from "fastify";
import type { Context } from "../../../operations/context.ts";
import { readFigures, toReadFigures } from "../../../operations/server/read-figures.ts";
import type { Metrics } from "../../../telemetry/metrics.ts";
import { callerOf } from "../auth.ts";

/** `/metrics` for Prometheus, which sends a token of an administrator like everybody else. */
export function addMetrics(
  app: FastifyInstance,
  { context, metrics }: { context: Context; metrics: Metrics },
): void {
  app.get("/metrics", { config: { permission: toReadFigures } }, async (request, reply) => {
    const figures = await readFigures(context, { caller: callerOf(request) });
    const { contentType, text } = await metrics.render(figures);
    return reply.type(contentType).send(text);
  });
}
