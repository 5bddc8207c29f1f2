import { expect, it } from "vitest";
import { bearerToken, createToken, hashOf } from "./tokens.ts";

const owner = { name: "ann", role: "user" } as const;

it("is written as our own are, or as Kriten's clients know them, and is good for a header either way", () => {
  const ours = createToken(owner, { createdAt: 1 }).text;
  const kritens = createToken(owner, { createdAt: 1, form: "kriten" }).text;
  expect([ours, kritens]).toEqual([
    expect.stringMatching(/^berth_[\w-]{43}$/),
    expect.stringMatching(/^kri_[A-Za-z0-9]{36}$/),
  ]);
  for (const text of [ours, kritens]) expect(bearerToken(`Bearer ${text}`)).toBe(text);
});

it("is another each time, of all the letters there are", () => {
  const texts = Array.from({ length: 200 }, () => createToken(owner, { createdAt: 1, form: "kriten" }).text);
  expect(new Set(texts).size).toBe(200);
  expect(new Set(texts.join("").slice(4)).size).toBeGreaterThanOrEqual(62);
});

it("is stored by its hash, with who made it where that is somebody else", () => {
  const { text, stored } = createToken(owner, { createdAt: 1, label: "ci", expiresAt: 9, madeBy: "bob" });
  const { id: _, ...rest } = stored;
  expect(rest).toEqual({
    hash: hashOf(text),
    principal: "ann",
    role: "user",
    label: "ci",
    scope: null,
    createdAt: 1,
    expiresAt: 9,
    usedAt: null,
    madeBy: "bob",
  });
  expect(createToken(owner, { createdAt: 1 }).stored).not.toHaveProperty("madeBy");
});

it.each([`kri_${"A".repeat(35)}`, `kri_${"A".repeat(37)}`, `kri_${"-".repeat(36)}`, "kri_A", "berth_A"])(
  "is none that is written %j",
  (text) => {
    expect(() => bearerToken(`Bearer ${text}`)).toThrow("the token is not known");
  },
);
