import type { FastifyRequest } from "fastify";

/**
 * Whether a browser says that a page of this server asks, or nothing asks but a program: programs say neither where they come
 * from nor what page they show, and browsers of today say one of the two with every write.
 */
export function isOwnPage({ headers, arrival }: Pick<FastifyRequest, "headers" | "arrival">): boolean {
  const { origin, "sec-fetch-site": site } = headers;
  if (site !== undefined && site !== "same-origin" && site !== "none") return false;
  if (origin === undefined) return true;
  const own = `${arrival.isSecure ? "https" : "http"}://${arrival.host ?? ""}`;
  if (!URL.canParse(origin) || !URL.canParse(own)) return false;
  const [theirs, ours] = [new URL(origin), new URL(own)];
  return theirs.origin !== "null" && theirs.origin === ours.origin;
}
