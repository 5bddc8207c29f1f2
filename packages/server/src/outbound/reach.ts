import { isIP } from "node:net";
import { type AddressRange, contains, rangeOf, readAddress } from "../core/network/cidr.ts";
import { unmapped, unmappedRange } from "../core/network/unmapped.ts";
import { whyClosed } from "../core/network/why-closed.ts";

/**
 * Where a call may go. `anywhere` is for what the operator has named by its address. Else the public alone, and of what is
 * closed (private, loopback, link-local, metadata of a provider) these ranges, which a setting names.
 */
export type Reach = "anywhere" | { also: readonly AddressRange[]; setting: string };

/** Of the setting that names what is closed and may be reached. */
export function reachOf(ranges: readonly string[], setting = "BERTH_OUTBOUND_ALLOWED"): Reach {
  return { also: ranges.map((range) => unmappedRange(rangeOf(range))), setting };
}

/** Why nothing may be sent to this address; null where it may. */
export function whyRefused(text: string, reach: Reach): string | null {
  if (reach === "anywhere") return null;
  const read = readAddress(text);
  // With a zone, for instance: an address of this link alone.
  if (read === null) return "its address cannot be judged";
  const address = unmapped(read);
  if (reach.also.some((range) => contains(range, address))) return null;
  const why = whyClosed(address);
  return why === null ? null : `${text} is closed (${why}), and ${reach.setting} does not name it`;
}

/** The same of a URL whose host is written as an address. A name is judged by what it stands for when it is connected to. */
export function whyHostRefused(url: string, reach: Reach): string | null {
  const host = hostOf(new URL(url));
  return isIP(host) === 0 ? null : whyRefused(host, reach);
}

/** Without the brackets of an address. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}
