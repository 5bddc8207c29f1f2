import { expect, it } from "vitest";
import { idempotencyKeyProblem } from "./idempotency-key.ts";

it.each(["!", "~", "a-b", "x".repeat(255)])("takes a key like %s", (key) => {
  expect(idempotencyKeyProblem(key)).toBeNull();
});

it.each([
  ["nothing", undefined],
  ["a number", 12],
  ["a list of one", ["a"]],
  ["an empty text", ""],
  ["a text too long", "x".repeat(256)],
  ["a space inside", "a b"],
  ["a space before", " a"],
  ["a line feed behind", "a\n"],
  ["a letter beyond ASCII", "ä"],
  ["a DEL", "a\u007f"],
])("refuses %s", (_what, key) => {
  expect(idempotencyKeyProblem(key)).toMatch(/1 to 255 visible ASCII/);
});
