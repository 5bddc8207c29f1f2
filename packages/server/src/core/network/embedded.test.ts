import { describe, expect, it } from "vitest";
import { randomFrom } from "../../../test/support/seeded-random.ts";
import { type Address, readAddress, writeAddress } from "./cidr.ts";
import { embeddedIn, unmapped } from "./embedded.ts";

const addressOf = (text: string): Address => {
  const address = readAddress(text);
  if (address === null) throw new Error(`"${text}" is no address`);
  return address;
};
const within = (text: string): string[] => embeddedIn(addressOf(text)).map(writeAddress);

describe("the IPv4 address within an IPv6 one", () => {
  it.each([
    ["as compatible", "::10.0.0.5", ["10.0.0.5"]],
    ["as mapped", "::ffff:10.0.0.5", ["10.0.0.5"]],
    ["as translated", "::ffff:0:10.0.0.5", ["10.0.0.5"]],
    ["by NAT64", "64:ff9b::10.0.0.5", ["10.0.0.5"]],
    ["by a NAT64 of the network's own", "64:ff9b:1::10.0.0.5", ["10.0.0.5"]],
    ["by 6to4", "2002:a00:5::1", ["10.0.0.5"]],
    ["by Teredo: its server and its client", "2001:0:a9fe:a9fe::f5ff:fffa", ["169.254.169.254", "10.0.0.5"]],
    ["of another kind: none", "2606:4700::6810:84e5", []],
    ["of IPv4: none", "10.0.0.5", []],
  ])("is found %s", (_how, text, found) => {
    expect(within(text)).toEqual(found);
  });

  it("is found for any, and is one address with its mapped spelling", () => {
    const random = randomFrom(4);
    for (let n = 0; n < 500; n += 1) {
      const four: Address = { version: 4, value: BigInt(random.below(0x1_0000_0000)) };
      const text = writeAddress(four);
      expect(within(`::ffff:${text}`)).toEqual([text]);
      expect(within(`64:ff9b::${text}`)).toEqual([text]);
      expect(unmapped(addressOf(`::ffff:${text}`))).toEqual(four);
      expect(unmapped(four)).toEqual(four);
      const nat64 = addressOf(`64:ff9b::${text}`);
      expect(unmapped(nat64)).toEqual(nat64);
    }
  });
});
