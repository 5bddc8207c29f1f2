import { z } from "zod";

export const networkProtocols = ["tcp", "udp"] as const;
export type NetworkProtocol = (typeof networkProtocols)[number];

/** What one entry of a profile's `addresses` opens. */
export interface Destination {
  /** A prefix as it was written; a single address has all its bits: `10.1.2.3/32`. */
  range: string;
  /** null: all. */
  ports: { first: number; last: number } | null;
  protocol: NetworkProtocol;
}

export const destinationWanted =
  "an address or a prefix, with ports and protocol behind it: 10.1.2.3:5432, 10.0.0.0/8:443/tcp, [2001:db8::1]:53/udp, 2001:db8::/64:8000-8100";

const PORTS = String.raw`(?::(\d{1,5})(?:-(\d{1,5}))?)?`;
/** Without brackets and without a prefix nobody could tell a port from the end of an IPv6 address. */
const FORMS = [
  new RegExp(String.raw`^([\d.]+)(?:/(\d{1,2}))?${PORTS}$`),
  new RegExp(String.raw`^\[([\da-f:.]+)\](?:/(\d{1,3}))?${PORTS}$`, "i"),
  new RegExp(String.raw`^([\da-f]*:[\da-f:.]*)/(\d{1,3})${PORTS}$`, "i"),
  /^([\da-f]*:[\da-f:.]*)$/i,
] as const;

/** null for what is not of one of the forms of `destinationWanted`. Without a protocol it is TCP, without ports all ports. */
export function parseDestination(text: string): Destination | null {
  const [, rest = "", protocol] = /^(.*?)(?:\/(tcp|udp))?$/.exec(text) ?? [];
  for (const form of FORMS) {
    const [matched, address = "", bits, first, last = first] = form.exec(rest) ?? [];
    if (matched === undefined) continue;
    const most = mostBits(address);
    if (most === null || Number(bits ?? most) > most) return null;
    const ports = first === undefined ? null : { first: Number(first), last: Number(last) };
    if (ports !== null && (ports.first < 1 || ports.last > 65_535 || ports.first > ports.last)) return null;
    return { range: `${address}/${bits ?? most}`, ports, protocol: protocol === "udp" ? "udp" : "tcp" };
  }
  return null;
}

function mostBits(address: string): 32 | 128 | null {
  if (z.ipv4().safeParse(address).success) return 32;
  return z.ipv6().safeParse(address).success ? 128 : null;
}
