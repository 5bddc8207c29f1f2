import { expect, it } from "vitest";
import { randomFrom } from "../../../test/support/seeded-random.ts";
import { readAddress, readRange } from "./cidr.ts";
import { closed4, closed6 } from "./closed.ts";
import { whyClosed } from "./why-closed.ts";

const why = (text: string): string | null => {
  const address = readAddress(text);
  if (address === null) throw new Error(`"${text}" is no address`);
  return whyClosed(address);
};

it.each([...closed4, ...closed6])(
  "$range is closed from end to end, as $why",
  ({ range, why: reason, sample }) => {
    const read = readRange(range);
    if ("problem" in read) throw new Error(read.problem);
    const { version, first, last } = read.range;
    expect(why(sample)).toBe(reason);
    expect(whyClosed({ version, value: first })).toBe(reason);
    expect(whyClosed({ version, value: last })).toBe(reason);
  },
);

it.each([
  "::ffff:10.0.0.5",
  "::10.0.0.5",
  "64:ff9b::10.0.0.5",
  "64:ff9b:1::a9fe:a9fe",
  "2002:a00:5::1",
  "2001:0:a00:5::1",
  "fe80::1",
  "fc00::1",
  "fd00:ec2::254",
  "ff02::1",
  "::",
  "::1",
  "100::1",
])("so is another spelling of a closed one: %s", (text) => {
  expect(why(text)).not.toBeNull();
});

it.each([
  "169.254.169.254",
  "168.63.129.16",
  "100.100.100.200",
  "192.0.0.192",
  "fd00:ec2::254",
  "fd20:ce::254",
])("so is where a provider answers its machines: %s", (text) => {
  expect(why(text)).not.toBeNull();
});

it.each([
  "1.1.1.1",
  "168.63.129.15",
  "168.63.129.17",
  "9.255.255.255",
  "11.0.0.1",
  "172.15.0.1",
  "172.32.0.1",
  "100.63.255.255",
  "2606:4700::6810:84e5",
  "2a00:1::1",
])("what is public is not: %s", (text) => {
  expect(why(text)).toBeNull();
});

it.each([
  ["mapped", (four: bigint) => (0xffffn << 32n) | four],
  ["compatible", (four: bigint) => four],
  ["translated", (four: bigint) => (0xffffn << 48n) | four],
  ["by NAT64", (four: bigint) => (0x64ff9bn << 96n) | four],
  ["by a NAT64 of the network's own", (four: bigint) => (0x64ff9b0001n << 80n) | four],
  ["by 6to4", (four: bigint) => (0x2002n << 112n) | (four << 80n) | 1n],
  ["by Teredo", (four: bigint) => (0x20010000n << 96n) | (four ^ 0xffffffffn)],
])("whatever IPv4 address an IPv6 one carries, that is closed: %s", (_how, embed) => {
  const random = randomFrom(8);
  for (let n = 0; n < 300; n += 1) {
    const value = embed(BigInt(random.below(0x1_0000_0000)));
    expect(whyClosed({ version: 6, value })).not.toBeNull();
  }
});
