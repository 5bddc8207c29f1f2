import { expect, it } from "vitest";
import { randomFrom } from "../../../test/support/seeded-random.ts";
import { type Address, readAddress, writeAddress } from "./cidr.ts";
import { unmapped } from "./unmapped.ts";

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
