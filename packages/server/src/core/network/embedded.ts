import { type Address, type AddressRange, contains, readRange } from "./cidr.ts";

/** Where an IPv6 address of that range carries an IPv4 one: how many bits are behind it, and whether each is turned round. */
interface Embedding {
  range: AddressRange;
  behind: bigint;
  isInverted?: true;
}

const embedding = (range: string, behind: bigint): Embedding => ({ range: rangeOf(range), behind });

const embeddings: readonly Embedding[] = [
  // IPv4-compatible, mapped, translated.
  embedding("::/96", 0n),
  embedding("::ffff:0:0/96", 0n),
  embedding("::ffff:0:0:0/96", 0n),
  // NAT64, and what networks choose for their own.
  embedding("64:ff9b::/96", 0n),
  embedding("64:ff9b:1::/48", 0n),
  // 6to4.
  embedding("2002::/16", 80n),
  // Teredo: its server, and its client.
  embedding("2001::/32", 64n),
  { ...embedding("2001::/32", 0n), isInverted: true },
];

const mapped = rangeOf("::ffff:0:0/96");

/** The IPv4 addresses that an IPv6 address leads to: by another spelling, a translator or a tunnel. */
export function embeddedIn(address: Address): Address[] {
  return embeddings.flatMap(({ range, behind, isInverted }) => {
    if (!contains(range, address)) return [];
    const value = (address.value >> behind) & 0xffff_ffffn;
    return [{ version: 4 as const, value: isInverted ? value ^ 0xffff_ffffn : value }];
  });
}

/** The IPv4 address itself where it is spelled as an IPv6 one. */
export function unmapped(address: Address): Address {
  return contains(mapped, address) ? { version: 4, value: address.value & 0xffff_ffffn } : address;
}

function rangeOf(text: string): AddressRange {
  const read = readRange(text);
  if ("problem" in read) throw new Error(read.problem);
  return read.range;
}
