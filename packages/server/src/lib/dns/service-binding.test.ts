import { describe, expect, it } from "vitest";
import { randomFrom } from "../../../test/support/seeded-random.ts";
import { withoutHints } from "./service-binding.ts";

const param = (key: number, value: number[]): number[] => [
  key >> 8,
  key & 255,
  value.length >> 8,
  value.length & 255,
  ...value,
];
const target = [0, 1, 3, 99, 100, 110, 0];
const alpn = param(1, [2, 104, 50]);
const hints = [...param(4, [10, 0, 0, 5]), ...param(6, Array<number>(16).fill(1))];

describe("a service binding", () => {
  it("loses the addresses that it hints at, and nothing else", () => {
    const port = param(3, [1, 187]);
    const told = withoutHints(Buffer.from([...target, ...alpn, ...port, ...hints, ...param(5, [7])]));
    expect(told).toEqual(Buffer.from([...target, ...alpn, ...port, ...param(5, [7])]));
  });

  it.each([
    ["which only says another name", [0, 0, 1, 97, 0]],
    ["which says nothing but that there is a service", [0, 1, 0]],
  ])("is told as it is: %s", (_what, bytes) => {
    expect(withoutHints(Buffer.from(bytes))).toEqual(Buffer.from(bytes));
  });

  it.each([
    ["demands that its addresses are used", [...target, ...param(0, [0, 1, 0, 4]), ...alpn, ...hints]],
    ["is empty", []],
    ["ends within its name", [0, 1, 3, 99]],
    ["has a name with a pointer in it", [0, 1, 0xc0, 12]],
    ["ends within a key", [...target, 0, 4, 0]],
    ["ends within a value", [...target, 0, 4, 0, 4, 10]],
  ])("is not told where it %s", (_what, bytes) => {
    expect(withoutHints(Buffer.from(bytes))).toBeNull();
  });

  it("never throws, and never keeps a hint", () => {
    const random = randomFrom(7);
    for (let n = 0; n < 5000; n += 1) {
      const params = Array.from({ length: random.below(6) }, () =>
        param(
          random.below(8),
          Array.from({ length: random.below(5) }, () => random.below(256)),
        ),
      );
      const told = withoutHints(Buffer.from([...target, ...params.flat()]));
      if (told === null) continue;
      const kept = params.filter(([, key = 0]) => key !== 4 && key !== 6);
      expect(told).toEqual(Buffer.from([...target, ...kept.flat()]));
    }
    for (let n = 0; n < 5000; n += 1) {
      withoutHints(Buffer.from(Array.from({ length: random.below(40) }, () => random.below(256))));
    }
  });
});
