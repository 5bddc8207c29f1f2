import { type Address, contains, rangeOf } from "./cidr.ts";

const mapped = rangeOf("::ffff:0:0/96");

/** The IPv4 address itself where it is spelled as an IPv6 one, as programs do that know of IPv6 alone. */
export function unmapped(address: Address): Address {
  return contains(mapped, address) ? { version: 4, value: address.value & 0xffff_ffffn } : address;
}
