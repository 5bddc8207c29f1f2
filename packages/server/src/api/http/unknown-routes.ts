import { BerthError } from "@berth/protocol";
import type { FastifyInstance } from "fastify";

declare module "fastify" {
  interface FastifyContextConfig {
    /** On a route that only says which methods its path has: their names. */
    allow?: string;
    /** Its door answers other methods itself, by a route for whatever it does not know. */
    answersOthers?: boolean;
    /** On a route that stands for whatever is not there. */
    isNothing?: boolean;
  }
}

/**
 * Answers paths that are not there with ROUTE_NOT_FOUND, and known paths with another method with
 * METHOD_NOT_ALLOWED, before a body is read. Call `close` when every route is registered.
 */
export function answerUnknownRoutes(app: FastifyInstance): { close(): void } {
  const methods = new Map<string, Set<string>>();

  app.addHook("onRoute", ({ url, method, config }) => {
    if (config?.answersOthers === true) return;
    const known = methods.get(url) ?? new Set<string>();
    for (const one of [method].flat()) known.add(one);
    methods.set(url, known);
  });

  app.addHook("onRequest", async (request, reply) => {
    if (request.is404) throw new BerthError("ROUTE_NOT_FOUND", `Cannot find path "${pathOf(request.url)}"`);
    const { allow } = request.routeOptions.config;
    if (allow === undefined) return;
    reply.header("allow", allow);
    throw new BerthError("METHOD_NOT_ALLOWED", `Cannot ${request.method} this path: it has ${allow}`);
  });

  return {
    close() {
      for (const [url, known] of methods) {
        const others = app.supportedMethods.filter((method) => !known.has(method));
        const allow = [...known].toSorted().join(", ");
        app.route({
          method: others,
          url,
          config: { permission: null, allow },
          exposeHeadRoute: false,
          handler: async () => undefined,
        });
      }
    },
  };
}

function pathOf(url: string): string {
  return (url.split("?")[0] ?? "").slice(0, 200);
}
