import type { FastifyInstance } from "fastify";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

/**
 * What this door does not know, a path or a method of one, is answered as Kriten's framework does: in text, and with one status for
 * both.
 */
export function addUnknownPaths(app: FastifyInstance): void {
  app.route({
    method: [...METHODS],
    url: "/kriten/*",
    config: { permission: null, answersOthers: true, isNothing: true },
    exposeHeadRoute: false,
    // Before a body is read.
    onRequest: async (_, reply) => reply.code(404).type("text/plain").send("404 page not found"),
    handler: () => undefined,
  });
}
