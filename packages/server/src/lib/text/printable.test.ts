import { describe, expect, it } from "vitest";
import { printable } from "./printable.ts";

describe("text of unknown origin", () => {
  it.each([
    ["plain words, größe, 名前", "plain words, größe, 名前"],
    ["\u001b[2Jgone\u0007", "\\u{1b}[2Jgone\\u{7}"],
    ["a\r\nb\tc", "a\\u{d}\\u{a}b\\u{9}c"],
    ["safe\u202egpj.exe", "safe\\u{202e}gpj.exe"],
    ["half \ud800", "half \\u{d800}"],
  ])("%j is shown as %j", (text, shown) => expect(printable(text, { most: 100 })).toBe(shown));

  it("is cut off, and says so", () => {
    expect(printable("x".repeat(10), { most: 10 })).toBe("x".repeat(10));
    expect(printable("x".repeat(2 ** 24), { most: 10 })).toBe(`${"x".repeat(10)}…`);
  });
});
