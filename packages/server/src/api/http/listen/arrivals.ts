import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import { TLSSocket } from "node:tls";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { withoutBlanks } from "./without-blanks.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Where it comes from and where it was sent to. */
    arrival: Arrival;
  }
}

/** How a request came: as its connection shows it, or as a proxy says that the operator trusts. */
export interface Arrival {
  /** Whose request it is; null where the connection is gone. */
  readonly address: string | null;
  /** The name that the client sent it to, with its port. */
  readonly host: string | undefined;
  /** Over TLS all the way from the client to us, or to a trusted proxy. */
  readonly isSecure: boolean;
}

/** Whoever sends more of them through proxies of ours is lying. */
const MOST_HOPS = 32;

/** Each request knows its own. */
export function addArrivals(app: FastifyInstance, options: { proxies: readonly string[] }): void {
  const read = arrivalReader(options);
  app.decorateRequest("arrival", {
    getter(this: FastifyRequest) {
      return read(this.raw);
    },
  });
}

/**
 * Reads `X-Forwarded-For`, `-Host` and `-Proto` of requests whose connection comes from one of these ranges, and of nobody
 * else's: everybody can send them.
 */
export function arrivalReader({
  proxies,
}: {
  proxies: readonly string[];
}): (request: IncomingMessage) => Arrival {
  const trusted = new BlockList();
  for (const range of proxies) addRange(trusted, range);
  const isTrusted = (address: string): boolean =>
    proxies.length > 0 && trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");

  return ({ socket, headers }) => {
    const peer = canonicalAddress(socket.remoteAddress ?? "");
    const own = { address: peer, host: headers.host, isSecure: socket instanceof TLSSocket };
    if (peer === null || !isTrusted(peer)) return own;
    const host = lastOf(headers["x-forwarded-host"]);
    const protocol = lastOf(headers["x-forwarded-proto"]);
    return {
      address: clientOf(peer, { forwarded: textOf(headers["x-forwarded-for"]), isTrusted }),
      host: host ?? own.host,
      isSecure: protocol === undefined ? own.isSecure : protocol.toLowerCase() === "https",
    };
  };
}

/** The last one that is no proxy of ours: what stands before it may have been written by anybody. */
function clientOf(
  peer: string,
  { forwarded, isTrusted }: { forwarded: string; isTrusted: (address: string) => boolean },
): string {
  let client = peer;
  const hops = forwarded.split(",").slice(-MOST_HOPS).reverse();
  for (const hop of hops) {
    const address = canonicalAddress(withoutPort(withoutBlanks(hop)));
    if (address === null) return client;
    client = address;
    if (!isTrusted(address)) return client;
  }
  return client;
}

function withoutPort(text: string): string {
  const [, bracketed, v4] = /^(?:\[([^\]]*)\](?::\d+)?|([\d.]+):\d+)$/.exec(text) ?? [];
  return bracketed ?? v4 ?? text;
}

/** null for what is none. One address has one text, also where a socket for both versions shows it. */
function canonicalAddress(text: string): string | null {
  const address = text.replace(/^::ffff:(?=[\d.]+$)/i, "");
  return isIP(address) === 0 ? null : address.toLowerCase();
}

/** What the nearest proxy has written. */
function lastOf(header: string | string[] | undefined): string | undefined {
  const last = withoutBlanks(textOf(header).split(",").at(-1) ?? "");
  return last === "" ? undefined : last;
}

function textOf(header: string | string[] | undefined): string {
  return typeof header === "object" ? header.join(",") : (header ?? "");
}

function addRange(list: BlockList, range: string): void {
  const [address = "", prefix] = range.split("/");
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  if (prefix === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(prefix), family);
}
