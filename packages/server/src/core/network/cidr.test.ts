import { isIP } from "node:net";
import { describe, expect, it } from "vitest";
import { randomFrom } from "../../../test/support/seeded-random.ts";
import {
  type Address,
  type AddressRange,
  contains,
  overlaps,
  readAddress,
  rangeOf,
  readRange,
  subtract,
  writeAddress,
  writeRange,
} from "./cidr.ts";

const problemOf = (text: string): string | null => {
  const read = readRange(text);
  return "problem" in read ? read.problem : null;
};

describe("an address", () => {
  it.each([
    ["0.0.0.0", 0n],
    ["10.0.0.5", 0x0a000005n],
    ["255.255.255.255", 0xffffffffn],
  ])("of IPv4 is a number: %s", (text, value) => {
    expect(readAddress(text)).toEqual({ version: 4, value });
    expect(writeAddress({ version: 4, value })).toBe(text);
  });

  it.each([
    ["::", 0n],
    ["::1", 1n],
    ["1::", 1n << 112n],
    ["2001:db8::1", 0x20010db8000000000000000000000001n],
    ["1:2:3:4:5:6:7:8", 0x00010002000300040005000600070008n],
    ["::a00:5", 0x0a000005n],
    ["1:0:0:2::3", 0x00010000000000020000000000000003n],
  ])("of IPv6 is one too: %s", (text, value) => {
    expect(readAddress(text)).toEqual({ version: 6, value });
    expect(writeAddress({ version: 6, value })).toBe(text);
  });

  it.each([
    ["::10.0.0.5", "::a00:5"],
    ["::FFFF:10.0.0.5", "::ffff:a00:5"],
    ["64:ff9b::10.0.0.5", "64:ff9b::a00:5"],
    ["1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"],
    ["0001:0:0:0:2:0:0:0", "1::2:0:0:0"],
    ["::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"],
  ])("has one spelling in which it is written: %s is %s", (text, written) => {
    const address = readAddress(text);
    expect(address && writeAddress(address)).toBe(written);
  });

  it.each([
    "",
    "1",
    "10.1",
    "10.0.0",
    "10.0.0.0.0",
    "010.0.0.5",
    "0x0a.0.0.5",
    "167772165",
    "10.0.0.256",
    "10.0.0.-1",
    " 10.0.0.5",
    "10.0.0.5 ",
    "10.0.0.5/32",
    "10..0.5",
    "1e1.0.0.5",
    "١.0.0.5",

    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "g::",
    "12345::",
    "::1%lo",
    "1.2.3.4::",
    "::1.2.3.4:5",
    "1:2:3:4:5:6:7:1.2.3.4",
    "::1.2.3",
    ":1",
    "1:",
    "::01.2.3.4",
    "[::1]",
  ])("is nothing that is only like one: %j", (text) => {
    expect(readAddress(text)).toBeNull();
  });

  it("is read as the system reads it, whatever is written, and written as it can be read", () => {
    const random = randomFrom(1);
    const parts = [
      "0",
      "1",
      "9",
      "255",
      "256",
      "00",
      "ffff",
      "10000",
      ":",
      "::",
      ".",
      ".",
      ":",
      "a",
      "%",
      "/",
      "fe80",
    ];
    let found = 0;
    for (let n = 0; n < 50_000; n += 1) {
      const text = Array.from({ length: 1 + random.below(16) }, () => random.of(parts)).join("");
      const address = readAddress(text);
      if (text.includes("%")) continue;
      expect({ text, version: address?.version ?? 0 }).toEqual({ text, version: isIP(text) });
      if (address === null) continue;
      found += 1;
      expect({ text, address: readAddress(writeAddress(address)) }).toEqual({ text, address });
    }
    expect(found).toBeGreaterThan(100);
  });

  it("comes back from its text, and from the text that a URL makes of it", () => {
    const random = randomFrom(2);
    for (let n = 0; n < 2000; n += 1) {
      const groups = Array.from({ length: 8 }, () => (random.below(2) === 0 ? 0 : random.below(0x10000)));
      const value = groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
      const text = writeAddress({ version: 6, value });
      expect(readAddress(text)).toEqual({ version: 6, value });
      expect(`[${text}]`).toBe(new URL(`http://[${text}]`).hostname);
    }
  });
});

describe("a range of addresses", () => {
  it.each([
    "0.0.0.0/0",
    "10.0.0.0/8",
    "10.0.0.5/32",
    "::/0",
    "2001:db8::/32",
    "::1/128",
    "10.0.0.1-10.0.0.9",
    "::1-::ffff:0:1",
  ])("is written as it was read: %s", (text) => {
    expect(writeRange(rangeOf(text))).toBe(text);
  });

  it("of one address is that address with all of its bits", () => {
    expect(writeRange(rangeOf("10.0.0.5"))).toBe("10.0.0.5/32");
    expect(writeRange(rangeOf("::5"))).toBe("::5/128");
    expect(writeRange(rangeOf("10.0.0.0-10.255.255.255"))).toBe("10.0.0.0/8");
  });

  it.each([
    [
      "10.0.0.5/8",
      `"10.0.0.5/8" is no range: its address lies within it, so write "10.0.0.0/8" or the address alone`,
    ],
    ["10.0.0.0/33", `"10.0.0.0/33" is no range: the length of its prefix must be from 0 to 32`],
    ["10.0.0.0/08", `"10.0.0.0/08" is no range: the length of its prefix must be from 0 to 32`],
    ["::/129", `"::/129" is no range: the length of its prefix must be from 0 to 128`],
    [
      "10.0.0.9-10.0.0.1",
      `"10.0.0.9-10.0.0.1" is no range: its last address must be one of the same kind and not before the first`,
    ],
    [
      "10.0.0.9-::1",
      `"10.0.0.9-::1" is no range: its last address must be one of the same kind and not before the first`,
    ],
    [
      "10.0.0.9-1::1",
      `"10.0.0.9-1::1" is no range: its last address must be one of the same kind and not before the first`,
    ],
    [
      "10.0.0.9-x",
      `"10.0.0.9-x" is no range: its last address must be one of the same kind and not before the first`,
    ],
    ["10.0.0.0/8/8", `"10.0.0.0/8/8" is no address and no range of addresses`],
    ["10.0.0.0/8-10.0.0.1", `"10.0.0.0/8-10.0.0.1" is no address and no range of addresses`],
    ["github.com", `"github.com" is no address and no range of addresses`],
  ])("that is none is told why: %s", (text, problem) => {
    expect(problemOf(text)).toBe(problem);
  });

  it("holds the addresses of its own kind alone", () => {
    const six = rangeOf("::/0");
    expect(contains(six, { version: 4, value: 5n })).toBe(false);
    expect(contains(six, { version: 6, value: 5n })).toBe(true);
    expect(overlaps(six, rangeOf("0.0.0.0/0"))).toBe(false);
  });

  it("holds, meets and is left by others as in a list of all addresses", () => {
    const random = randomFrom(3);
    const base = 0x0a000000;
    const some = (): AddressRange => {
      const [a, b] = [random.below(24), random.below(24)];
      return { version: 4, first: BigInt(base + Math.min(a, b)), last: BigInt(base + Math.max(a, b)) };
    };
    const every: Address[] = Array.from({ length: 26 }, (_, n) => ({ version: 4, value: BigInt(base + n) }));
    const listed = (range: AddressRange): bigint[] =>
      every.filter(({ value }) => value >= range.first && value <= range.last).map(({ value }) => value);
    for (let n = 0; n < 3000; n += 1) {
      const range = some();
      const others = Array.from({ length: random.below(4) }, some);
      const gone = new Set(others.flatMap(listed));
      const left = subtract(range, others);
      expect(left.flatMap(listed)).toEqual(listed(range).filter((value) => !gone.has(value)));
      for (const other of others) {
        expect(overlaps(range, other)).toBe(listed(range).some((value) => listed(other).includes(value)));
      }
      for (const address of every)
        expect(contains(range, address)).toBe(listed(range).includes(address.value));
      expect(rangeOf(writeRange(range))).toEqual(range);
    }
  });
});
