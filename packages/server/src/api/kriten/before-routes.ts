import type { FastifyInstance, FastifyReply } from "fastify";

const METHODS = "GET, POST, PUT, PATCH, DELETE";
const HEADERS = "Origin, Content-Type, Content-Range, Authorization, Token";
const READABLE = "Content-Length, Content-Range";
/** Seconds in which a browser need not ask again. */
const ASKED_FOR = "600";

/** What holds for all of this door: before anybody is asked who it is. */
export function addBeforeKriten(app: FastifyInstance, { origins }: { origins: readonly string[] }): void {
  const known = new Set(origins);
  app.addHook("onRequest", async ({ url, method, headers }, reply) => {
    if (!url.startsWith("/kriten/")) return;
    if (known.size > 0) reply.header("vary", "Origin");
    const { origin, "access-control-request-method": wanted } = headers;
    if (origin !== undefined && known.has(origin)) {
      // Never with credentials: what a browser sends along by itself proves nothing for another site's page.
      reply.header("access-control-allow-origin", origin).header("access-control-expose-headers", READABLE);
      if (method === "OPTIONS" && wanted !== undefined) return allow(reply);
    }
    const [path = "", query] = url.split("?", 2);
    const short = path.replace(/\/+$/, "");
    if (short === path || short === "/kriten") return;
    return lead(reply, { method, to: query === undefined ? short : `${short}?${query}` });
  });
}

/** What a browser asks before it lets a page ask. */
function allow(reply: FastifyReply): FastifyReply {
  return reply
    .code(204)
    .header("access-control-allow-methods", METHODS)
    .header("access-control-allow-headers", HEADERS)
    .header("access-control-max-age", ASKED_FOR)
    .send();
}

/** As Kriten's framework does with a slash too many. */
function lead(reply: FastifyReply, { method, to }: { method: string; to: string }): FastifyReply {
  return reply
    .code(method === "GET" ? 301 : 307)
    .header("location", to)
    .send();
}
