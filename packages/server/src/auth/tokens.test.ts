import { expect, it } from "vitest";
import type { ApiToken, TokenStore } from "../store/store.ts";
import { createToken, createTokenIdentity } from "./tokens.ts";

function memoryTokens(): TokenStore & { queries: number } {
  const all = new Map<string, ApiToken>();
  return {
    queries: 0,
    async insert(token) {
      all.set(token.hash, token);
    },
    async findByHash(hash) {
      this.queries++;
      return all.get(hash) ?? null;
    },
  };
}

async function open(expiresAt: number | null = null) {
  const time = { now: 1000 };
  const tokens = memoryTokens();
  const { text, stored } = createToken({ name: "ann", role: "user" }, { createdAt: time.now, expiresAt });
  await tokens.insert(stored);
  const identity = createTokenIdentity({ tokens, now: () => time.now });
  return { identity, tokens, text, stored, time };
}

it("knows the holder of a token", async () => {
  const { identity, text } = await open();
  await expect(identity.authenticate(`Bearer ${text}`)).resolves.toEqual({ name: "ann", role: "user" });
  await expect(identity.authenticate(`bearer ${text}`)).resolves.toMatchObject({ name: "ann" });
});

it("stores nothing from which the token could be read", async () => {
  const { stored, text } = await open();
  expect(text).toMatch(/^berth_[\w-]{43}$/);
  expect(JSON.stringify(stored)).not.toContain(text.slice(6));
});

it.each([
  ["no header", undefined],
  ["an empty one", ""],
  ["another scheme", "Basic YWRtaW46"],
  ["no token", "Bearer "],
  ["two tokens", "Bearer a b"],
  ["another form", "Bearer eyJhbGciOiJub25lIn0.e30."],
  ["a token nobody knows", `Bearer berth_${"A".repeat(43)}`],
])("refuses %s", async (_, header) => {
  const { identity } = await open();
  await expect(identity.authenticate(header)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
});

it("asks the store nothing about what cannot be a token", async () => {
  const { identity, tokens } = await open();
  await expect(identity.authenticate("Bearer guess")).rejects.toThrow("the token is not known");
  expect(tokens.queries).toBe(0);
});

it("never repeats the token in an error", async () => {
  const { identity } = await open();
  const secret = `berth_${"S".repeat(43)}`;
  const error: unknown = await identity.authenticate(`Bearer ${secret}`).catch((caught: unknown) => caught);
  expect(String(error)).not.toContain(secret);
});

it("asks the store once in two seconds for a token that is there", async () => {
  const { identity, tokens, text, time } = await open();
  for (let i = 0; i < 10; i++) await identity.authenticate(`Bearer ${text}`);
  expect(tokens.queries).toBe(1);
  time.now += 2000;
  await identity.authenticate(`Bearer ${text}`);
  expect(tokens.queries).toBe(2);
});

it("sees that a token has expired, also one it has just looked up", async () => {
  const { identity, text, time } = await open(1500);
  await identity.authenticate(`Bearer ${text}`);
  time.now = 1500;
  await expect(identity.authenticate(`Bearer ${text}`)).rejects.toMatchObject({
    code: "UNAUTHENTICATED",
    message: "Cannot authenticate: the token has expired",
  });
});
