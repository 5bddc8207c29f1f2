import { isBerthError } from "@berth/protocol";
import { expect, it } from "vitest";
import { Throttle } from "./throttle.ts";

function open() {
  const time = { now: 1_000_000 };
  const throttle = new Throttle({ now: () => time.now });
  /** How long somebody has to wait, in s; 0 for a try that was made. */
  const wrong = (name: string, address: string | null): number => {
    try {
      throttle.begin(name, address);
      return 0;
    } catch (error) {
      return isBerthError(error) ? (error.retryAfterMs ?? 0) / 1000 : -1;
    }
  };
  const right = (name: string, address: string): void => throttle.begin(name, address)();
  return { time, throttle, wrong, right };
}

it("lets five wrong passwords pass, then makes each wait twice as long, up to a quarter of an hour", () => {
  const { time, wrong } = open();
  for (let n = 0; n < 5; n += 1) expect(wrong("ann", "192.0.2.1")).toBe(0);
  const waits: number[] = [];
  for (let n = 0; n < 12; n += 1) {
    const wait = wrong("ann", "192.0.2.1");
    waits.push(wait);
    time.now += wait * 1000;
    expect(wrong("ann", "192.0.2.1")).toBe(0);
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
});

it("counts tries that are made at the same time, before any has its answer", () => {
  const { throttle } = open();
  const begun = Array.from({ length: 8 }, () => {
    try {
      return throttle.begin("ann", "192.0.2.1");
    } catch {
      return null;
    }
  });
  expect(begun.filter((one) => one !== null)).toHaveLength(5);
});

it("forgets what was wrong once the password was right", () => {
  const { wrong, right } = open();
  for (let n = 0; n < 4; n += 1) wrong("ann", "192.0.2.1");
  right("ann", "192.0.2.1");
  for (let n = 0; n < 5; n += 1) expect(wrong("ann", "192.0.2.1")).toBe(0);
});

it("shuts nobody out elsewhere: neither from another address, nor another name", () => {
  const { wrong } = open();
  for (let n = 0; n < 10; n += 1) wrong("ann", "192.0.2.66");
  expect(wrong("ann", "192.0.2.66")).toBeGreaterThan(0);
  expect([wrong("ann", "192.0.2.1"), wrong("bob", "192.0.2.66")]).toEqual([0, 0]);
});

it("slows one address down that tries many names, for a minute", () => {
  const { time, wrong } = open();
  for (let n = 0; n < 30; n += 1) expect(wrong(`name-${n}`, "192.0.2.66")).toBe(0);
  expect(wrong("ann", "192.0.2.66")).toBe(60);
  expect(wrong("ann", "192.0.2.1")).toBe(0);
  time.now += 60_000;
  expect(wrong("ann", "192.0.2.66")).toBe(0);
});

it("slows one name down that many addresses try, but for those that have logged in by it", () => {
  const { time, wrong, right } = open();
  right("ann", "192.0.2.1");
  for (let n = 0; n < 100; n += 1) expect(wrong("ann", `198.51.100.${n}`)).toBe(0);
  expect(wrong("ann", "203.0.113.1")).toBe(600);
  right("ann", "192.0.2.1");
  time.now += 600_000;
  expect(wrong("ann", "203.0.113.1")).toBe(0);
});

it.each([
  ["2001:db8:0:1::1", "2001:db8:0:1:ffff:1:2:3", true],
  ["2001:db8::1", "2001:DB8:0:0:9::", true],
  ["::ffff:192.0.2.1", "192.0.2.1", true],
  ["2001:db8:0:1::1", "2001:db8:0:2::1", false],
  ["::1", "::2:0:0:0:0:1", false],
])("takes %s and %s for one customer's: %s", (one, other, isSame) => {
  const { wrong } = open();
  for (let n = 0; n < 6; n += 1) wrong("ann", one);
  expect(wrong("ann", other) > 0).toBe(isSame);
});

it("keeps no more of strangers than it has room for", () => {
  const { wrong } = open();
  for (let n = 0; n < 25_000; n += 1) wrong(`n${n}`, `a${n}`);
  expect(wrong("n1", "a1")).toBe(0);
});

it("keeps nothing of tries that it refuses, so that one address pushes nobody out", () => {
  const { time, wrong } = open();
  // A name that many addresses have tried.
  for (let n = 0; n < 100; n += 1) expect(wrong("ann", `192.0.2.${n}`)).toBe(0);
  const waits = wrong("ann", "192.0.2.200");
  expect(waits).toBeGreaterThan(0);
  for (let n = 0; n < 21_000; n += 1) wrong(`stranger-${n}`, "198.51.100.1");
  time.now += 1000;
  expect(wrong("ann", "192.0.2.200")).toBe(waits - 1);
});
