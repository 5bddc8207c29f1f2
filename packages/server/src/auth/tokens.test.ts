import { expect, it } from "vitest";
import type { ApiToken, TokenStore } from "../store/store.ts";
import { createToken, createTokenCheck } from "./tokens.ts";

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
  const check = createTokenCheck({ tokens, now: () => time.now });
  return { check, tokens, text, stored, time };
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
