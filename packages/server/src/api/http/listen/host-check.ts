import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { BerthError } from "@berth/protocol";
import type { Arrival } from "./arrivals.ts";

/**
 * Refuses requests that were sent to a name which is not the server's. A page in a browser of this host, or of one that
 * reaches this one, can have its own name lead here (DNS rebinding), and is then taken for the server's own page. What it
 * cannot do is to send another name: so addresses pass, and names that the operator knows.
 */
export function hostCheck({
  names,
}: {
  names: readonly string[];
}): (request: IncomingMessage, arrival: Pick<Arrival, "host">) => void {
  const known = new Set(["localhost", hostname(), ...names].map(canonical));
  const passes = (name: string): boolean => isIP(name) > 0 || known.has(name) || name.endsWith(".localhost");
  return ({ rawHeaders }, { host }) => {
    const given = rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === "host");
    if (given.length > 1)
      throw new BerthError("REQUEST_INVALID", "Cannot read the request: it has more than one Host header");
    // Only HTTP/1.0 may leave it out, which no browser speaks.
    if (host === undefined || passes(nameIn(host))) return;
    throw new BerthError(
      "HOST_UNKNOWN",
      `Cannot answer for host ${JSON.stringify(host.slice(0, 300))}: BERTH_HTTP_NAMES does not name it`,
    );
  };
}

/** Without its port. What is not of that form is no name that anybody knows. */
function nameIn(host: string): string {
  const [, address, name] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host) ?? [];
  return canonical(address ?? name ?? "");
}

function canonical(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}
