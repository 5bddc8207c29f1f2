import type { FastifyInstance, FastifyReply } from "fastify";

/** What holds for all of this door: before anybody is asked who it is. */
export function addBeforeKriten(app: FastifyInstance): void {
  app.addHook("onRequest", async ({ url, method }, reply) => {
    if (!url.startsWith("/kriten/")) return;
    const [path = "", query] = url.split("?", 2);
    const short = path.replace(/\/+$/, "");
    if (short === path || short === "/kriten") return;
    return lead(reply, { method, to: query === undefined ? short : `${short}?${query}` });
  });
}

/** As Kriten's framework does with a slash too many. */
function lead(reply: FastifyReply, { method, to }: { method: string; to: string }): FastifyReply {
  return reply
    .code(method === "GET" ? 301 : 307)
    .header("location", to)
    .send();
}
