import { BerthError } from "@berth/protocol";
import type { FastifyRequest } from "fastify";

/** Whatever else a browser asks for is said to change nothing. */
const READING: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/**
 * Throws CROSS_SITE where a browser asks for somebody else's page: it sends our cookies along whoever has it ask. Nothing is
 * changed unless it says that a page of ours does; nothing is read unless that, or a person opens it. Both headers are set by
 * the browser, and no page can change them.
 */
export function demandOwnPage({ method, headers, arrival }: FastifyRequest): void {
  const { origin, "sec-fetch-site": site, "sec-fetch-mode": mode } = headers;
  if (READING.has(method)) {
    const isOpened = mode === "navigate";
    if (site === undefined || site === "same-origin" || site === "none" || isOpened) return;
    throw crossSite(method, `it is asked for by another site (Sec-Fetch-Site: ${shown(site)})`);
  }
  if (origin !== undefined && !isOwn(origin, arrival))
    throw crossSite(method, `it is asked for by a page of ${shown(origin)}`);
  if (site === "same-origin" || (site === undefined && origin !== undefined)) return;
  // A browser that says so has a person ask, by no page at all; it says nothing of forms.
  if (site === "none" && origin !== undefined) return;
  if (site !== undefined)
    throw crossSite(method, `it is asked for by another site (Sec-Fetch-Site: ${shown(site)})`);
  throw crossSite(method, "the browser does not say by which page it is asked for (Sec-Fetch-Site, Origin)");
}

/** Throws CROSS_SITE where a page asks for it by itself, as for an image: it is for people, who open it. */
export function demandVisit({ method, headers: { "sec-fetch-mode": mode } }: FastifyRequest): void {
  if (mode !== undefined && mode !== "navigate")
    throw crossSite(method, `it is opened by nobody (Sec-Fetch-Mode: ${shown(mode)})`);
}

/** Whether a page of another site has led here, as far as the browser says. */
export function isFromElsewhere({ headers: { "sec-fetch-site": site } }: FastifyRequest): boolean {
  return site !== undefined && site !== "none" && site !== "same-origin";
}

function isOwn(origin: string, { isSecure, host }: FastifyRequest["arrival"]): boolean {
  const own = `${isSecure ? "https" : "http"}://${host ?? ""}`;
  if (!URL.canParse(origin) || !URL.canParse(own)) return false;
  const [theirs, ours] = [new URL(origin), new URL(own)];
  return theirs.origin !== "null" && theirs.origin === ours.origin;
}

function shown(text: string | string[]): string {
  return JSON.stringify([text].flat().join(", ").slice(0, 200));
}

function crossSite(method: string, why: string): BerthError {
  return new BerthError("CROSS_SITE", `Cannot ${method} by a browser's login: ${why}`);
}
