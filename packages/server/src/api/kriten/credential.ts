import { BerthError } from "@berth/protocol";
import type { FastifyRequest } from "fastify";
import { readKritenCookie } from "./cookie.ts";
import { isOwnPage } from "./origins.ts";

/**
 * What proves who asks, as an `Authorization` header has it: the header `Token`, else `Authorization`, else the cookie `token`.
 * Any but the last is sent by nobody else's page. Throws CROSS_SITE where a browser says that such a page asks.
 */
export function shownCredential(request: FastifyRequest): string | undefined {
  const { token, authorization } = request.headers;
  if (typeof token === "string" && token !== "") return `Bearer ${token}`;
  if (authorization !== undefined) return authorization;
  const kept = readKritenCookie(request);
  if (kept === null) return undefined;
  if (!isOwnPage(request))
    throw new BerthError("CROSS_SITE", `Cannot ${request.method} by a cookie: another site asks for it`);
  return `Bearer ${kept}`;
}
