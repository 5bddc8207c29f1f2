import type { Contact } from "../../../core/network/contact.ts";
import { writeAddress } from "../../../core/network/cidr.ts";

/** How long an element of evidence stays, as the table says: 7 days. What is left of it tells when it came, or was used last. */
export const KEPT_MS = 7 * 24 * 60 * 60_000;

/** One line of what berth-init shows: `SET LINK PACKETS BYTES LEFT ADDRESS PROTOCOL PORT`. */
interface Shown {
  set: string;
  link: string;
  packets: number;
  bytes: number;
  /** Epoch ms: when it came, or of what is put off each time, when that was last. */
  at: number;
  address: string;
  protocol: Contact["protocol"];
  port: number;
}

const PROTOCOLS: Readonly<Record<string, Contact["protocol"]>> = { 6: "tcp", 17: "udp" };

/** null of what nobody here has put there. */
function readShown(line: string, now: number): Shown | null {
  const [set = "", link = "", packets, bytes, left, address = "", number = "", port] = line.split(" ");
  const protocol = PROTOCOLS[number];
  if (protocol === undefined) return null;
  const version = address.length === 8 ? 4 : 6;
  return {
    set: set.slice(0, -1),
    link,
    packets: Number(packets),
    bytes: Number(bytes),
    at: now - (KEPT_MS - Number(left)),
    address: writeAddress({ version, value: BigInt(`0x${address}`) }),
    protocol,
    port: Number(port),
  };
}

/** What the links have reached and were refused, by link, in the order in which it began. */
export function contactsOf(lines: readonly string[], now: number): Map<string, Contact[]> {
  const all = new Map<string, Map<string, Shown>>();
  for (const line of lines) {
    const shown = readShown(line, now);
    if (shown === null) continue;
    const { set, link, address, protocol, port } = shown;
    const outcome = set === "sent" || set === "got" ? "reached" : "refused";
    const key = `${link} ${outcome} ${protocol} ${address} ${port}`;
    const sets = all.get(key) ?? new Map<string, Shown>();
    all.set(key, sets.set(set, shown));
  }
  const byLink = new Map<string, Contact[]>();
  for (const sets of all.values()) {
    const contact = contactOf(sets);
    if (contact) byLink.set(contact.link, [...(byLink.get(contact.link) ?? []), contact.contact]);
  }
  for (const contacts of byLink.values()) contacts.sort((one, other) => one.firstAt - other.firstAt);
  return byLink;
}

/** Of one destination: `sent` and `refused` tell the first time, `got` and `again` the last. */
function contactOf(sets: ReadonlyMap<string, Shown>): { link: string; contact: Contact } | null {
  const first = sets.get("sent") ?? sets.get("refused");
  // What came unasked was never let in; what is left of a connection without its beginning is of none that began here.
  if (!first) return null;
  const last = sets.get("got") ?? sets.get("again") ?? first;
  const { link, address, protocol, port, packets } = first;
  const ends = { firstAt: Math.min(first.at, last.at), lastAt: Math.max(first.at, last.at) };
  const common = { name: null, address, protocol, port, packets, ...ends };
  const contact: Contact =
    first.set === "sent"
      ? { ...common, outcome: "reached", bytesOut: first.bytes, bytesIn: sets.get("got")?.bytes ?? 0 }
      : { ...common, outcome: "refused", bytesOut: null, bytesIn: null };
  return { link, contact };
}
