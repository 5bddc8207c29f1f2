import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { DeviceLogins } from "./device-logins.ts";
import type { DeviceStart } from "./oidc.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const issuer = {
  name: "corp",
  startDevice: async (): Promise<DeviceStart> => ({
    userCode: "WDJB-MJHT",
    verificationUri: "https://corp.example/device",
    verificationUriComplete: null,
    expiresInMs: 30 * 60_000,
    proven: () => new Promise(() => undefined),
  }),
};

function open() {
  const logins = new DeviceLogins({ issuers: [issuer], now: () => Date.now() });
  const begin = (address: string) => logins.begin("corp", { address });
  async function atOnce(addresses: readonly string[]): Promise<number> {
    const ends = await Promise.allSettled(addresses.map(begin));
    return ends.filter(({ status }) => status === "fulfilled").length;
  }
  return { logins, begin, atOnce };
}

it("keeps one address to its few, however many it begins at once, and lets others in", async () => {
  const { begin, atOnce } = open();
  expect(await atOnce(Array.from({ length: 120 }, () => "198.51.100.7"))).toBe(5);
  await expect(begin("198.51.100.7")).rejects.toMatchObject({ code: "TOO_MANY_ATTEMPTS" });
  await begin("192.0.2.55");
});

it("takes all addresses of an IPv6 network for one", async () => {
  const { atOnce, begin } = open();
  expect(await atOnce(Array.from({ length: 120 }, (_, n) => `2001:db8:1:2::${(n + 1).toString(16)}`))).toBe(
    5,
  );
  await begin("2001:db8:1:3::1");
});

it("forgets one that nobody asks for any more, and none that somebody does", async () => {
  const { logins, begin, atOnce } = open();
  const asked = await begin("198.51.100.7");
  expect(await atOnce(Array.from({ length: 10 }, () => "198.51.100.7"))).toBe(4);
  for (let minute = 0; minute < 3; minute += 1) {
    await vi.advanceTimersByTimeAsync(60_000);
    expect(logins.collect(asked.id)).toBeNull();
  }
  expect(await atOnce(Array.from({ length: 10 }, () => "198.51.100.7"))).toBe(4);
});

it("holds no place for one that the issuer did not begin", async () => {
  const logins = new DeviceLogins({
    issuers: [{ name: "corp", startDevice: () => Promise.reject(new Error("nobody there")) }],
    now: () => Date.now(),
  });
  for (let n = 0; n < 8; n += 1)
    await expect(logins.begin("corp", { address: "192.0.2.1" })).rejects.toThrow("nobody there");
});

const networksOf = (site: string, count: number) =>
  Array.from({ length: count }, (_, n) => `2001:db8:${site}:${(n + 1).toString(16)}::1`);

it("keeps one house to its few, however many networks it has, and lets others in", async () => {
  const { atOnce, begin } = open();
  expect(await atOnce(networksOf("1", 120))).toBe(25);
  await begin("2001:db8:2:1::1");
});

it("ends the oldest of the house that has most, where all places are taken, for one that has none", async () => {
  const { logins, atOnce, begin } = open();
  const own = await begin("192.0.2.1");
  const [first = ""] = networksOf("a", 1);
  const oldest = await begin(first);
  expect(await atOnce(networksOf("a", 25).slice(1))).toBe(24);
  for (const site of ["b", "c"]) expect(await atOnce(networksOf(site, 25))).toBe(25);
  expect(await atOnce(networksOf("d", 24))).toBe(24);
  await begin("198.51.100.7");
  expect(logins.providerOf(oldest.id)).toBeNull();
  expect(logins.collect(own.id)).toBeNull();
});

it("ends nobody's for one that has as many as anybody", async () => {
  const { atOnce, begin } = open();
  expect(await atOnce(Array.from({ length: 100 }, (_, n) => `192.0.2.${n}`))).toBe(100);
  await expect(begin("192.0.2.7")).rejects.toMatchObject({ code: "TOO_MANY_ATTEMPTS" });
});
