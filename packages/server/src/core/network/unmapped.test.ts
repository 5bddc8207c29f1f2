import { expect, it } from "vitest";
import { randomFrom } from "../../../test/support/seeded-random.ts";
import { type Address, rangeOf, readAddress, writeAddress } from "./cidr.ts";
import { unmapped, unmappedRange } from "./unmapped.ts";

it("an IPv4 address is the same in its mapped spelling, and every other address is itself", () => {
  const random = randomFrom(4);
  for (let n = 0; n < 500; n += 1) {
    const four: Address = { version: 4, value: BigInt(random.below(0x1_0000_0000)) };
    const spelled = (before: string): Address | null => readAddress(`${before}${writeAddress(four)}`);
    expect(unmapped(four)).toEqual(four);
    for (const before of ["::ffff:", "::", "64:ff9b::", "::fffe:", "1::ffff:"]) {
      const six = spelled(before);
      expect(six && unmapped(six)).toEqual(before === "::ffff:" ? four : six);
    }
  }
});

it("a range of mapped addresses is the IPv4 range, and every other one is itself", () => {
  expect(unmappedRange(rangeOf("::ffff:127.0.0.0/104"))).toEqual(rangeOf("127.0.0.0/8"));
  expect(unmappedRange(rangeOf("::ffff:10.1.2.3"))).toEqual(rangeOf("10.1.2.3"));
  for (const text of ["127.0.0.0/8", "fd00::/8", "::/64"])
    expect(unmappedRange(rangeOf(text))).toEqual(rangeOf(text));
});
