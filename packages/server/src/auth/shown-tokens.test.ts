import { expect, it, vi } from "vitest";
import type { ApiToken, TokenStore } from "../store/store.ts";
import { ShownTokens } from "./shown-tokens.ts";
import { createToken } from "./tokens.ts";

type Memory = Pick<TokenStore, "findByHash" | "existing" | "used"> & {
  queries: number;
  all: Map<string, ApiToken>;
  uses: number[];
};

function memoryTokens(): Memory {
  const all = new Map<string, ApiToken>();
  return {
    queries: 0,
    all,
    uses: [],
    async findByHash(hash) {
      this.queries++;
      return all.get(hash) ?? null;
    },
    existing: async (ids) => [...all.values()].map(({ id }) => id).filter((id) => ids.includes(id)),
    async used(_, at) {
      this.uses.push(at);
    },
  };
}

async function open(expiresAt: number | null = null) {
  const time = { now: 1000 };
  const tokens = memoryTokens();
  const { text, stored } = createToken({ name: "ann", role: "user" }, { createdAt: time.now, expiresAt });
  tokens.all.set(stored.hash, stored);
  const shown = new ShownTokens({ tokens, now: () => time.now });
  const check = (authorization: string | undefined): Promise<ApiToken> => shown.check(authorization);
  const revoke = (): void => {
    tokens.all.delete(stored.hash);
    shown.forget(stored.id);
  };
  const credential = { kind: "token", id: stored.id } as const;
  return { check, tokens, text, stored, time, shown, revoke, credential };
}

it("knows the holder of a token", async () => {
  const { check, text } = await open();
  await expect(check(`Bearer ${text}`)).resolves.toMatchObject({ principal: "ann", role: "user" });
  await expect(check(`bearer   ${text}`)).resolves.toMatchObject({ principal: "ann" });
});

it("stores nothing from which the token could be read", async () => {
  const { stored, text } = await open();
  expect(text).toMatch(/^berth_[\w-]{43}$/);
  expect(JSON.stringify(stored)).not.toContain(text.slice(6));
});

const form = "must be `Bearer TOKEN`";
const unknown = "the token is not known";
const madeUp = `berth_${"A".repeat(43)}`;

it.each([
  ["no header", undefined, "header is missing"],
  ["an empty one", "", form],
  ["another scheme", "Basic YWRtaW46", form],
  ["no token", "Bearer ", form],
  ["two tokens", "Bearer a b", form],
  ["something before the scheme", `x Bearer ${madeUp}`, form],
  ["something after the token", `Bearer ${madeUp} x`, form],
  ["another form", "Bearer eyJhbGciOiJub25lIn0.e30.", unknown],
  ["a token nobody knows", `Bearer ${madeUp}`, unknown],
])("refuses %s, and says why", async (_, header, why) => {
  const { check } = await open();
  await expect(check(header)).rejects.toMatchObject({
    code: "UNAUTHENTICATED",
    message: expect.stringContaining(why) as string,
  });
});

it("asks the store nothing about what cannot be a token", async () => {
  const { check, tokens } = await open();
  for (const guess of ["guess", `x${madeUp}`, `${madeUp}x`]) {
    await expect(check(`Bearer ${guess}`)).rejects.toThrow("the token is not known");
  }
  expect(tokens.queries).toBe(0);
});

it("never repeats the token in an error", async () => {
  const { check } = await open();
  const secret = `berth_${"S".repeat(43)}`;
  const error: unknown = await check(`Bearer ${secret}`).catch((caught: unknown) => caught);
  expect(String(error)).not.toContain(secret);
});

it("asks the store once in two seconds for a token that is there", async () => {
  const { check, tokens, text, time } = await open();
  for (let i = 0; i < 10; i++) await check(`Bearer ${text}`);
  expect(tokens.queries).toBe(1);
  time.now += 2000;
  await check(`Bearer ${text}`);
  expect(tokens.queries).toBe(2);
});

it("sees that a token has expired, also one it has just looked up", async () => {
  const { check, text, time } = await open(1500);
  await check(`Bearer ${text}`);
  time.now = 1500;
  await expect(check(`Bearer ${text}`)).rejects.toMatchObject({
    code: "UNAUTHENTICATED",
    message: "Cannot authenticate: the token has expired",
  });
});

it("notes the last use of a token once a minute, and waits for nobody", async () => {
  const { check, tokens, text, time } = await open();
  tokens.used = async (_, at) => {
    tokens.uses.push(at);
    throw new Error("the disk is full");
  };
  time.now = 100_000;
  for (let second = 0; second < 120; second += 1) {
    await check(`Bearer ${text}`);
    time.now += 1000;
  }
  expect(tokens.uses).toEqual([100_000, 160_000]);
});

const revoked = { code: "UNAUTHENTICATED", message: "Cannot authenticate: the token was revoked" };

it("takes a revoked token no more, also one that it has just looked up, and ends what is open by it", async () => {
  const { check, text, shown, revoke, credential } = await open();
  await check(`Bearer ${text}`);
  using held = shown.hold(credential);
  using other = shown.hold({ kind: "token", id: "another" });
  using certificate = shown.hold({ kind: "certificate", id: credential.id });
  revoke();
  expect(held.signal.reason).toMatchObject(revoked);
  expect([other.signal.aborted, certificate.signal.aborted]).toEqual([false, false]);
  await expect(check(`Bearer ${text}`)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
});

it("does not keep a token that was revoked while it was looked up", async () => {
  const { check, tokens, text, stored, revoke } = await open();
  const find = tokens.findByHash.bind(tokens);
  tokens.findByHash = async (hash) => {
    const found = await find(hash);
    if (tokens.queries === 1) revoke();
    return found;
  };
  await expect(check(`Bearer ${text}`)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  expect([tokens.queries, tokens.all.has(stored.hash)]).toEqual([2, false]);
});

it("ends what opens by a token that was revoked while the request was coming", async () => {
  const { shown, revoke, credential } = await open();
  revoke();
  using held = shown.hold(credential);
  await vi.waitFor(() => expect(held.signal.reason).toMatchObject(revoked));
});

it("ends what is open by tokens that another process has revoked, and nothing else", async () => {
  const { check, shown, tokens, text, stored, credential } = await open();
  await check(`Bearer ${text}`);
  using held = shown.hold(credential);
  await shown.reload();
  expect(held.signal.aborted).toBe(false);
  tokens.all.delete(stored.hash);
  await shown.reload();
  expect(held.signal.reason).toMatchObject(revoked);
  await expect(check(`Bearer ${text}`)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
});

it("looks no more for a token that was there after the last change", async () => {
  const { check, shown, tokens, text, credential } = await open();
  const existing = vi.spyOn(tokens, "existing");
  shown.forget("another");
  await check(`Bearer ${text}`);
  using one = shown.hold(credential);
  using two = shown.hold(credential);
  expect(existing).not.toHaveBeenCalled();
  shown.forget("another");
  using three = shown.hold(credential);
  await existing.mock.results[0]?.value;
  using four = shown.hold(credential);
  expect(existing).toHaveBeenCalledTimes(1);
  expect([one, two, three, four].some(({ signal }) => signal.aborted)).toBe(false);
});

it("ends only what opens while nobody can say whether its token holds, and not what was open before", async () => {
  const { check, shown, tokens, text, credential } = await open();
  await check(`Bearer ${text}`);
  using before = shown.hold(credential);
  shown.forget("another");
  tokens.existing = () => Promise.reject(new Error("the database is away"));
  using held = shown.hold(credential);
  await vi.waitFor(() => expect(String(held.signal.reason)).toContain("the database is away"));
  expect(before.signal.aborted).toBe(false);
});

it("ends what is open by a token when it expires", async () => {
  const { shown, time, credential } = await open();
  using held = shown.hold({ ...credential, expiresAt: time.now + 1 });
  await vi.waitFor(() => expect(held.signal.reason).toMatchObject({ code: "UNAUTHENTICATED" }));
  expect(String(held.signal.reason)).toContain("the token has expired");
});
