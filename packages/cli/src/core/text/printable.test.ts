import { expect, it } from "vitest";
import { printable } from "./printable.ts";

it.each([
  ["grüß 漢字 🚢", "grüß 漢字 🚢"],
  ["a\nb\tc", "a\\nb\\tc"],
  ["\u001b[2J\u009b1m", "\\x1b[2J\\x9b1m"],
  ["\u001b]52;c;ZXZpbA==\u0007", "\\x1b]52;c;ZXZpbA==\\x07"],
  ["user\u202egpj.exe", "user\\u{202e}gpj.exe"],
  ["a\u200bb\u2028c", "a\\u{200b}b\\u{2028}c"],
  ["\ud800", "\\u{d800}"],
])("makes %j safe to show", (text, shown) => {
  expect(printable(text)).toBe(shown);
});
