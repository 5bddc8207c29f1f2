import { isIP } from "node:net";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Arrival } from "../listen/arrivals.ts";
import { withoutBlanks } from "../listen/without-blanks.ts";

/** What we keep in a browser: `session` is a login, `form` shows that a form is ours, `attempt` whose login at an issuer it is. */
export type Kept = "session" | "form" | "attempt";

/** Nothing of ours is longer. */
const LONGEST = 128;

/**
 * Over TLS the prefix has browsers refuse a cookie that another host of the same domain, or plain HTTP, has put in the place of
 * ours. Without TLS there is no such thing, so that the names differ: what was put there in the clear never counts over TLS.
 */
const names: Readonly<Record<Kept, { secure: string; plain: string }>> = {
  session: { secure: "__Host-berth", plain: "berth-session" },
  form: { secure: "__Host-berth-form", plain: "berth-form" },
  attempt: { secure: "__Host-berth-attempt", plain: "berth-attempt" },
};

/**
 * What the browser keeps under this very name, byte for byte: browsers guard `__Host-` alone, and let another host of the same
 * domain put a cookie that is called so but for one byte before it. null where that is nothing, or nobody can say which of several is ours.
 */
export function readCookie(
  { headers, arrival }: Pick<FastifyRequest, "headers" | "arrival">,
  kept: Kept,
): string | null {
  const name = nameOf(kept, arrival);
  if (headers.cookie === undefined || name === null) return null;
  let found: string | null = null;
  for (const part of headers.cookie.split(";")) {
    const at = part.indexOf("=");
    if (at === -1 || withoutBlanks(part.slice(0, at)) !== name) continue;
    if (found !== null) return null;
    found = withoutBlanks(part.slice(at + 1));
  }
  return found === null || found.length > LONGEST ? null : found;
}

/** Has the browser keep this; null has it forget what it keeps. Nothing where it may keep nothing. */
export function keepCookie(
  reply: FastifyReply,
  kept: Kept,
  { value, maxAgeS }: { value: string | null; maxAgeS?: number },
): void {
  const { arrival } = reply.request;
  const name = nameOf(kept, arrival);
  if (name === null) return;
  const age = value === null ? 0 : maxAgeS;
  const parts = [
    `${name}=${value ?? ""}`,
    "Path=/",
    "HttpOnly",
    "SameSite=Lax",
    ...(arrival.isSecure ? ["Secure"] : []),
    ...(age === undefined ? [] : [`Max-Age=${age}`]),
  ];
  reply.header("set-cookie", parts.join("; "));
}

/** Has the browser keep this login, and nothing that this answer would have had it keep otherwise. */
export function replaceSession(reply: FastifyReply, text: string): void {
  reply.removeHeader("set-cookie");
  keepCookie(reply, "session", { value: text });
}

/** Whether a browser may keep anything of ours: over TLS, or where nothing leaves this host. */
export function mayKeep(arrival: Arrival): boolean {
  return nameOf("session", arrival) !== null;
}

function nameOf(kept: Kept, { isSecure, address, host }: Arrival): string | null {
  if (isSecure) return names[kept].secure;
  return isLoopback(address ?? "") && isLoopbackHost(host ?? "") ? names[kept].plain : null;
}

function isLoopback(address: string): boolean {
  return address === "::1" || (isIP(address) === 4 && address.startsWith("127."));
}

/** A name that leads nowhere else, whatever its port. */
function isLoopbackHost(host: string): boolean {
  const [, bracketed, named = ""] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host) ?? [];
  const name = named.toLowerCase().replace(/\.$/, "");
  return isLoopback(bracketed ?? name) || name === "localhost" || name.endsWith(".localhost");
}
