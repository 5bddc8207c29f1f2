import { expect, it } from "vitest";
import { oneTimePassword } from "./one-time.ts";
import { passwordProblem } from "./rules.ts";

it.each([
  "correct horse battery staple",
  "жили-были дед да баба",
  "wgTr5-Lm2xQ-9",
  "four random words",
  "annabel-lee-by-the-sea",
])("takes %j", (password) => {
  expect(passwordProblem(password, "ann")).toBe(null);
});

it.each([
  ["short-one-1", "at least 12 characters"],
  ["🚀".repeat(11), "at least 12 characters"],
  ["x".repeat(257), "at most 256 characters"],
  ["\ud800bcdefghijkl", "surrogate"],
  ["aaaaaaaaaaaaaaa", "5 different characters"],
  ["abcabcabcabcabc", "5 different characters"],
  ["Annabella1234", "more than the name"],
  ["annabella-annabella", "more than the name"],
  ["123456789012", "many people choose"],
  ["qwertyuiopas", "many people choose"],
  ["Password1234!", "many people choose"],
  ["P@ssw0rd12345", "many people choose"],
  ["W3lc0m3-2026!", "many people choose"],
  ["administrator1", "many people choose"],
])("does not take %j: it %s", (password, why) => {
  expect(passwordProblem(password, "Annabella")).toContain(why);
});

it("makes passwords that it takes, and never twice the same", () => {
  const made = Array.from({ length: 100 }, oneTimePassword);
  expect(new Set(made).size).toBe(100);
  for (const password of made) expect(passwordProblem(password, "ann")).toBe(null);
});
