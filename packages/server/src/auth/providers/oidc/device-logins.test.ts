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
