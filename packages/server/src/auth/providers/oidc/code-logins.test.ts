import { expect, it } from "vitest";
import { CodeLogins } from "./code-logins.ts";

const identity = { subject: "s", name: "ann", display: null, groups: null };

function open() {
  const clock = { now: 0 };
  let count = 0;
  const waiting: (() => void)[] = [];
  const start = async (name: string, isSlow: boolean) => {
    if (isSlow) await new Promise<void>((resolve) => waiting.push(resolve));
    const state = `state-${(count += 1)}`;
    return { url: `https://${name}.example/?state=${state}`, state, proven: async () => identity };
  };
  const issuers = [
    { name: "one", startCode: () => start("one", false) },
    { name: "two", startCode: () => start("two", false) },
    { name: "slow", startCode: () => start("slow", true) },
  ];
  const logins = new CodeLogins({ issuers, now: () => clock.now });
  const begin = async (more: { provider?: string; browser?: string; address?: string } = {}) => {
    const { provider = "one", browser = "mine", address = "192.0.2.1" } = more;
    const url = await logins.begin(provider, { address, redirectUri: "http://x/", browser, next: "/a" });
    return new URL(url).search;
  };
  const finish = (
    query: string,
    { provider = "one", browser = "mine" }: { provider?: string; browser?: string | null } = {},
  ) => logins.finish(provider, { query: new URLSearchParams(query), browser });
  return { clock, logins, begin, finish, waiting };
}

const over = { code: "LOGIN_NOT_FOUND" };

it("is gone on with once, by the browser that began it", async () => {
  const { begin, finish } = open();
  const query = await begin();
  expect(await finish(query)).toEqual({ identity, next: "/a" });
  await expect(finish(query)).rejects.toMatchObject(over);
});

it.each([
  ["another browser", { browser: "theirs" }],
  ["a browser that keeps nothing", { browser: null }],
  ["the page of another issuer", { provider: "two" }],
])("is not gone on with by %s, and is there still for its own", async (_what, other) => {
  const { begin, finish } = open();
  const query = await begin();
  await expect(finish(query, other)).rejects.toMatchObject(over);
  expect(await finish(query)).not.toBeNull();
});

it.each(["", "state=", "state=guess", "code=1"])(
  "is none for a query %j that nobody was sent with",
  async (query) => {
    const { begin, finish } = open();
    await begin();
    await expect(finish(query)).rejects.toMatchObject(over);
  },
);

it("is over after ten minutes", async () => {
  const { clock, begin, finish } = open();
  const [late, early] = [await begin(), await begin()];
  clock.now = 600_000 - 1;
  expect(await finish(early)).not.toBeNull();
  clock.now = 600_000;
  await expect(finish(late)).rejects.toMatchObject(over);
});

it("drives out its own neighbours where one address begins many, and nobody else's", async () => {
  const { clock, begin, finish } = open();
  const other = await begin({ address: "198.51.100.1" });
  const first = await begin();
  for (let n = 0; n < 49; n += 1) await begin();
  clock.now += 60_000;
  await begin();
  await expect(finish(first)).rejects.toMatchObject(over);
  expect(await finish(other)).not.toBeNull();
});

it("keeps one house to its two hundred, while there is room for others", async () => {
  const { begin, finish } = open();
  const queries: string[] = [];
  for (let n = 0; n < 201; n += 1) queries.push(await begin({ address: `2001:db8:1:${n.toString(16)}::1` }));
  await expect(finish(queries[0] ?? "")).rejects.toMatchObject(over);
  expect(await finish(queries[1] ?? "")).not.toBeNull();
});

it("drives out those of a house that fills all places, and nobody else's", async () => {
  const { begin, finish } = open();
  const other = await begin({ address: "198.51.100.1" });
  const filling = Array.from({ length: 12 }, (_, site) => `2001:db8:${site}`);
  const firsts: string[] = [];
  for (const site of filling) firsts.push(await begin({ address: `${site}:0::1` }));
  for (const site of filling)
    for (let n = 1; n < 205; n += 1) await begin({ address: `${site}:${n.toString(16)}::1` });
  for (const first of firsts) await expect(finish(first)).rejects.toMatchObject(over);
  expect(await finish(other)).not.toBeNull();
});

it("is begun sixty times a minute by one address, whatever comes of it, and by others meanwhile", async () => {
  const { clock, begin, finish } = open();
  for (let n = 0; n < 60; n += 1) await finish(await begin());
  const refused = begin();
  await expect(refused).rejects.toMatchObject({ code: "TOO_MANY_ATTEMPTS", retryAfterMs: 60_000 });
  expect(await begin({ address: "198.51.100.1" })).toContain("state");
  clock.now += 60_000;
  expect(await begin()).toContain("state");
});

it("asks an issuer that does not answer for 25 of one house at a time", async () => {
  const { begin, waiting } = open();
  const slow = (n: number) => begin({ provider: "slow", address: `2001:db8:1:${n}::1` });
  const all = Array.from({ length: 25 }, (_, n) => slow(n));
  await expect(slow(26)).rejects.toMatchObject({ code: "TOO_MANY_ATTEMPTS" });
  const elsewhere = begin({ provider: "slow", address: "2001:db8:2::1" });
  for (const go of waiting) go();
  await Promise.all([...all, elsewhere]);
});

it("asks an issuer that does not answer for ten of one address at a time", async () => {
  const { begin, waiting } = open();
  const all = Array.from({ length: 10 }, () => begin({ provider: "slow" }));
  await expect(begin({ provider: "slow" })).rejects.toMatchObject({ code: "TOO_MANY_ATTEMPTS" });
  const elsewhere = begin({ provider: "slow", address: "198.51.100.1" });
  for (const go of waiting) go();
  await Promise.all([...all, elsewhere]);
  expect(await begin()).toContain("state-12");
});

it("begins nothing at an issuer that is not there", async () => {
  const { begin } = open();
  await expect(begin({ provider: "none" })).rejects.toMatchObject(over);
});
