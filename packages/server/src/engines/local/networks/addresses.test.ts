import { linkSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { tempFolder } from "../../../../test/support/temp-folder.ts";
import { Addresses, readRange4, serverMark } from "./addresses.ts";

const optionsIn = (folder: string) => ({
  dataDir: "/var/lib/berth",
  counterFile: join(folder, "counter"),
  range: "10.88.0.0/24",
  hasV6: true,
  onNotice: (notice: string) => void notices.push(notice),
});
const notices: string[] = [];
afterEach(() => void notices.splice(0));

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

it("never writes over the number that it keeps: a kill in the midst of it leaves it whole", async () => {
  await using folder = tempFolder();
  new Addresses(optionsIn(folder.path)).take();
  linkSync(join(folder.path, "counter"), join(folder.path, "the same file"));
  new Addresses(optionsIn(folder.path)).take();
  expect(readFileSync(join(folder.path, "the same file"), "utf8")).toBe("1024\n");
  expect(readFileSync(join(folder.path, "counter"), "utf8")).toBe("2048\n");
});

it.each(["", "10x"])(
  "gives no name again where the file that counts them holds %j, and says so",
  async (text) => {
    await using folder = tempFolder();
    const before = new Addresses(optionsIn(folder.path));
    const names = Array.from({ length: 5 }, () => before.take().name);
    writeFileSync(join(folder.path, "counter"), text);
    const after = new Addresses(optionsIn(folder.path));
    expect(notices).toEqual([expect.stringMatching(/is not known/)]);
    const later = Array.from({ length: 250 }, () => after.take().name);
    expect(later.filter((name) => names.includes(name))).toEqual([]);
    expect(later.every((name) => name.length <= 15)).toBe(true);
  },
);

it("lets the server start where the file that counts cannot be read: whoever takes an address is told", async () => {
  await using folder = tempFolder();
  mkdirSync(join(folder.path, "counter"));
  const addresses = new Addresses(optionsIn(folder.path));
  expect(notices).toEqual([expect.stringMatching(/is not known/)]);
  expect(() => addresses.take()).toThrow(/EISDIR/);
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
  now = 10_000_000;
  // Of what it was used for something may be left.
  expect(() => addresses.take()).toThrow(/are taken/);
  expect(addresses.leaving.map(({ address4 }) => address4)).toEqual(["10.88.0.9"]);
  now = 0;
  for (const one of addresses.leaving) addresses.rest(one);
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
