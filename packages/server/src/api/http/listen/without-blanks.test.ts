import { expect, it } from "vitest";
import { withoutBlanks } from "./without-blanks.ts";

it("cuts spaces and tabs around a text, and nothing else that is blank elsewhere", () => {
  expect(withoutBlanks(" \t a b\t ")).toBe("a b");
  expect([withoutBlanks(""), withoutBlanks(" \t")]).toEqual(["", ""]);
  for (const space of ["\xa0", "\v", "\f", "\x85", "\ufeff"])
    expect(withoutBlanks(` ${space}a${space}\t`)).toBe(`${space}a${space}`);
});

it("looks at each letter once, so that no header of blanks holds the server up", () => {
  // Where each blank begins a search of its own, this takes most of a minute here; else some milliseconds.
  const text = `a${" ".repeat(300_000)}b`;
  const begun = performance.now();
  expect(withoutBlanks(text)).toBe(text);
  expect(performance.now() - begun).toBeLessThan(10_000);
});
