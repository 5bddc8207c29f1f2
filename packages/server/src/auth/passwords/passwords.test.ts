import { setTimeout as later } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { hashPassword, isPassword } from "./hash-password.ts";
import { Passwords } from "./passwords.ts";
import { readPhc, writePhc } from "./phc.ts";

const passwords = new Passwords();
afterAll(() => passwords[Symbol.asyncDispose]());
const who = "192.0.2.1";

it("knows a password again by its hash, and no other", async () => {
  const stored = await passwords.hash("correct horse battery", { who });
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(await passwords.check("correct horse battery", { stored, who })).toBe(true);
  expect(await passwords.check("correct horse batter", { stored, who })).toBe(false);
  expect(await passwords.hash("correct horse battery", { who })).not.toBe(stored);
});

it("takes a password for the same however it was composed", async () => {
  const stored = await passwords.hash("bo\u0301b und b\u00e4r", { who });
  expect(await passwords.check("b\u00f3b und ba\u0308r", { stored, who })).toBe(true);
});

it.each([null, "", "plain", "$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$dGFn"])(
  "is never right where %j is stored, and does the same work",
  (stored) => {
    const nobody = new Uint8Array(0);
    const begun = process.cpuUsage();
    expect(isPassword(nobody, stored)).toBe(false);
    const work = process.cpuUsage(begun).user;
    const again = process.cpuUsage();
    expect(isPassword(nobody, hashPassword(nobody))).toBe(true);
    // Twice the work, and never a tenth.
    expect(work * 10).toBeGreaterThan(process.cpuUsage(again).user);
  },
);

it("reads what other programs write", () => {
  // A test vector of the reference implementation.
  const known = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  expect([isPassword(bytes("password"), known), isPassword(bytes("Password"), known)]).toEqual([true, false]);
  const read = readPhc(known);
  expect(read === null ? null : writePhc(read)).toBe(known);
});

it("hashes where nobody else waits for it: neither the loop nor who reads files", async () => {
  const hashing = Promise.all(Array.from({ length: 4 }, () => passwords.hash("x".repeat(12), { who })));
  let turns = 0;
  let isOver = false;
  void hashing.then(() => (isOver = true));
  while (!isOver) {
    turns += 1;
    await later(0);
  }
  expect(turns).toBeGreaterThan(4);
});

it("says that it cannot say where too many wait", async () => {
  await using busy = new Passwords({ mostWaiting: 2 });
  const ends = await Promise.allSettled([1, 2, 3].map(() => busy.check("x", { stored: null, who })));
  expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
  expect(ends[2]).toMatchObject({ reason: { code: "IDENTITY_UNAVAILABLE", retryAfterMs: 1000 } });
  expect(await busy.check("x", { stored: null, who })).toBe(false);
});
