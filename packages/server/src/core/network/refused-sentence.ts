import { printable } from "../../lib/text/printable.ts";
import type { Contact, Contacts } from "./contact.ts";

/** So many destinations are named; whoever wants all asks for the job's contacts. */
const NAMED = 3;

/** What a profile refused a job, in one sentence; null for nothing. */
export function refusedSentence({ list, refused }: Contacts, profile: string): string | null {
  if (refused === 0) return null;
  const known = list
    .filter(({ outcome }) => outcome === "refused")
    .toSorted((one, other) => other.packets - one.packets);
  const by = `refused by the network profile "${profile}"`;
  if (known.length === 0) return `${attempts(refused)} to reach something ${were(refused)} ${by}`;
  const named = known.slice(0, NAMED).map(triesOf);
  const rest = refused - known.slice(0, NAMED).reduce((sum, { packets }) => sum + packets, 0);
  if (rest > 0) named.push(`${rest} more`);
  const last = named.pop() ?? "";
  const all = named.length === 0 ? last : `${named.join(", ")} and ${last}`;
  return `${all} ${were(refused)} ${by}`;
}

function attempts(count: number): string {
  return count === 1 ? "1 attempt" : `${count} attempts`;
}

function were(count: number): string {
  return count === 1 ? "was" : "were";
}

/** How often one destination was tried, or a name looked up that was not granted or leads to what is closed. */
function triesOf({ name, address, port, protocol, packets }: Contact): string {
  const shown = name === null ? "" : printable(name, { most: 100 });
  if (port === null) {
    const leads = address === null ? "" : ` (which leads to ${address})`;
    return `${packets === 1 ? "1 look-up" : `${packets} look-ups`} of ${shown}${leads}`;
  }
  const host = address?.includes(":") === true ? `[${address}]` : address;
  const known = name === null ? "" : ` (${shown})`;
  return `${attempts(packets)} to ${host}:${port}${protocol === "udp" ? "/udp" : ""}${known}`;
}
