import { type Address, type AddressRange, contains, rangeOf } from "./cidr.ts";

const mapped = rangeOf("::ffff:0:0/96");

/** The IPv4 address itself where it is spelled as an IPv6 one, as programs do that know of IPv6 alone. */
export function unmapped(address: Address): Address {
  return contains(mapped, address) ? { version: 4, value: address.value & 0xffff_ffffn } : address;
}

/** The same for a range: its IPv4 addresses where all of it are such, for addresses are judged unmapped. */
export function unmappedRange(range: AddressRange): AddressRange {
  const { version, first, last } = range;
  const ends = [first, last].map((value) => unmapped({ version, value }));
  const [from, to] = ends;
  if (from?.version !== 4 || to?.version !== 4) return range;
  return { version: 4, first: from.value, last: to.value };
}
