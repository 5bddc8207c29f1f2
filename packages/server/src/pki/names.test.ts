import { describe, expect, it } from "vitest";
import { principalProblem } from "./names.ts";

describe("the name of a principal", () => {
  it.each(["ann", "Jürgen Größe", "o'neil, ops #1", "client-1@example.com", "李雷", "हिन्दी", "🚀 team"])(
    "may be %j",
    (name) => {
      expect(principalProblem(name)).toBeNull();
    },
  );

  it.each([
    ["a joiner", "ad\u200dmin"],
    ["a space of no width", "admin\u200b"],
    ["a mark of direction", "\u202eadmin"],
    ["a soft hyphen", "ad\u00admin"],
    ["a grapheme joiner", "ad\u034fmin"],
    ["a selector of variants", "admin\ufe0f"],
    ["a selector of the supplement", "admin\u{e0100}"],
    ["a tag", "admin\u{e0061}"],
    ["a Hangul filler", "admin\u3164"],
    ["a half-width filler", "admin\uffa0"],
    ["a Khmer vowel without a mark", "admin\u17b4"],
    ["a Mongolian separator", "ad\u180emin"],
    ["a blank of Braille", "admin\u2800"],
    ["a note without a head", "admin\u{1d159}"],
    ["a space that does not break", "ad\u00a0min"],
    ["a space of another width", "ad\u2003min"],
    ["two spaces", "ad  min"],
    ["a character for private use", "admin\ue000"],
    ["a character that is none", "admin\u0378"],
    ["a line feed", "ad\nmin"],
  ])("may not hold %s", (_what, name) => {
    expect(principalProblem(name)).toMatch(/^must not/);
  });
});
