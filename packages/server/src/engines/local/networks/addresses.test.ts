import { join } from "node:path";
import { expect, it } from "vitest";
import { tempFolder } from "../../../../test/support/temp-folder.ts";
import { Addresses, readRange4, serverMark } from "./addresses.ts";

const optionsIn = (folder: string) => ({
  dataDir: "/var/lib/berth",
  counterFile: join(folder, "counter"),
  range: "10.88.0.0/24",
  hasV6: true,
});

it("gives names that fit the kernel, and addresses of the range", async () => {
  await using folder = tempFolder();
  const addresses = new Addresses(optionsIn(folder.path));
  const one = addresses.take();
  expect(one).toMatchObject({ address4: "10.88.0.2", gateway4: "10.88.0.1" });
  expect(one.name).toBe(`b${serverMark("/var/lib/berth")}-0`);
  expect(one.address6).toMatch(/^fd[0-9a-f:]+:88::0002$/);
  expect(addresses.range6).toMatch(/^fd[0-9a-f:]+:88::\/64$/);
  expect(serverMark("/var/lib/berth")).toMatch(/^[0-9a-z]{4}$/);
});

it("never gives a name twice, also not after another server has begun where this one was killed", async () => {
  await using folder = tempFolder();
  const names = new Set<string>();
  for (let server = 0; server < 4; server += 1) {
    const addresses = new Addresses(optionsIn(folder.path));
    for (let n = 0; n < 60; n += 1) names.add(addresses.take().name);
  }
  expect(names.size).toBe(240);
  expect([...names].every((name) => name.length <= 15)).toBe(true);
});

it("gives an address again only when it was given back and has rested, and says when there is none", async () => {
  await using folder = tempFolder();
  let now = 0;
  const addresses = new Addresses({ ...optionsIn(folder.path), now: () => now });
  addresses.keep({ address4: "10.88.0.7" });
  const taken = Array.from({ length: addresses.room - 1 }, () => addresses.take());
  expect(new Set(taken.map(({ address4 }) => address4)).size).toBe(252);
  expect(taken.map(({ address4 }) => address4)).not.toContain("10.88.0.7");
  expect(taken.every(({ address4 }) => !/\.(0|1|255)$/.test(address4))).toBe(true);
  expect(() => addresses.take()).toThrow(/all 253 addresses of 10\.88\.0\.0\/24 are taken/);
  addresses.giveBack({ address4: "10.88.0.9" });
  now = 299_999;
  expect(() => addresses.take()).toThrow(/are taken/);
  now = 300_000;
  expect(addresses.take().address4).toBe("10.88.0.9");
});

it.each([
  ["10.88.0.0/16", { first: 0x0a580000, prefix: 16 }],
  ["192.168.7.0/24", { first: 0xc0a80700, prefix: 24 }],
])("takes %s for a range", (text, range) => {
  expect(readRange4(text)).toEqual(range);
});

it.each([
  ["10.88.0.0/15", /prefix from/],
  ["10.88.0.0/25", /prefix from/],
  ["10.88.0.1/16", /does not begin/],
  ["10.88.0.0", /no range/],
  ["fd88::/64", /no range/],
  ["10.88.0/16", /no range/],
])("takes %s for none", (text, problem) => {
  expect(readRange4(text)).toMatch(problem);
});
