import { describe, expect, it } from "vitest";
import { createIdSource, isId, newId, timeOfId } from "./ids.ts";

describe("newId", () => {
  it("makes ids in growing order within one millisecond and when the clock steps back", () => {
    let now = 1_700_000_000_000;
    const next = createIdSource(() => now);
    let last = "";
    for (let i = 0; i < 10_000; i += 1) {
      if (i === 5000) now -= 60_000;
      const id = next();
      expect(id > last).toBe(true);
      last = id;
    }
  });

  it("counts by one within a millisecond, from a number below 2^31, and stays there when the clock does", () => {
    const next = createIdSource(() => 5);
    const counters = Array.from({ length: 1000 }, () => counterOf(next()));
    const [first = -1] = counters;
    expect(first).toBeLessThan(2 ** 31);
    expect(counters).toEqual(counters.map((_, index) => first + index));
  });

  it("begins each millisecond at another number, over all the room that there is", () => {
    let now = 0;
    const next = createIdSource(() => (now += 1));
    const counters = Array.from({ length: 1000 }, () => counterOf(next()));
    expect(new Set(counters).size).toBe(1000);
    expect(Math.max(...counters)).toBeLessThan(2 ** 31);
    expect(Math.max(...counters)).toBeGreaterThan(2 ** 30);
    expect(Math.min(...counters)).toBeLessThan(2 ** 28);
    expect(counters.some((one) => one % 2 === 0) && counters.some((one) => one % 2 === 1)).toBe(true);
  });

  it("has the time of the clock, in whole", () => {
    for (const now of [0, 1, 1_700_000_000_000, 2 ** 48 - 1]) {
      expect(timeOfId(createIdSource(() => now)())).toBe(now);
    }
  });

  it("has every one of its last 42 bits by chance", () => {
    const next = createIdSource();
    let [all, none] = [0n, 2n ** 42n - 1n];
    for (let count = 0; count < 2000; count += 1) {
      const random = BigInt(`0x${next().replaceAll("-", "").slice(20)}`) & (2n ** 42n - 1n);
      all |= random;
      none &= random;
    }
    expect([all, none]).toEqual([2n ** 42n - 1n, 0n]);
  });

  it("carries the time at which it was made", () => {
    const before = Date.now();
    const at = timeOfId(newId());
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(Date.now());
  });

  it("is a UUID of version 7 with the variant of RFC 9562", () => {
    const ids = Array.from({ length: 1000 }, () => newId());
    expect(
      ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)),
    ).toBe(true);
    expect(new Set(ids).size).toBe(1000);
    // The last 42 bits are random, so that two processes do not meet.
    expect(new Set(ids.map((id) => id.slice(-10))).size).toBe(1000);
  });
});

/** 12 bits behind the version, and 20 behind the variant. */
function counterOf(id: string): number {
  const hex = id.replaceAll("-", "");
  const high = Number.parseInt(hex.slice(13, 16), 16);
  const low = (BigInt(`0x${hex.slice(16)}`) >> 42n) & 0xfffffn;
  return high * 2 ** 20 + Number(low);
}

describe("isId", () => {
  it.each([
    ["another version", "01a1fbb1-8787-46ef-bb91-bdefba010b55"],
    ["upper case", "01A1FBB1-8787-76EF-BB91-BDEFBA010B55"],
    ["a path", "../../../etc/passwd"],
    ["a line end after it", "01a1fbb1-8787-76ef-bb91-bdefba010b55\n"],
    ["a part before it", "x01a1fbb1-8787-76ef-bb91-bdefba010b55"],
    ["nothing", ""],
    ["another variant", "01a1fbb1-8787-76ef-cb91-bdefba010b55"],
    ["no hexadecimal digit", "01a1fbg1-8787-76ef-bb91-bdefba010b55"],
    ["no dashes", "01a1fbb1878776efbb91bdefba010b55"],
  ])("refuses %s", (_title, text) => {
    expect(isId(text)).toBe(false);
    expect(timeOfId(text)).toBeNull();
  });
});
