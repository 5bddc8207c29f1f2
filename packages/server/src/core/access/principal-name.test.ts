import { describe, expect, it } from "vitest";
import { ownNames } from "../caller/principal.ts";
import { accountNameProblem, givenNameProblem, principalProblem } from "./principal-name.ts";

describe("the name of a principal", () => {
  it.each([
    "ann",
    "Jürgen Größe",
    "o'neil, ops #1",
    "client-1@example.com",
    "李雷",
    "हिन्दी",
    "🚀 team",
    "a".repeat(64),
    "🚀".repeat(64),
  ])("may be %j", (name) => {
    expect(principalProblem(name)).toBeNull();
  });

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

  it.each([
    ["", "must not be empty"],
    ["a".repeat(65), "must be at most 64 characters"],
    ["ad\nmin", "must not hold control characters"],
    ["ad\u0007min", "must not hold control characters"],
    ["ad\u2028min", "must not hold control characters"],
    ["ad\u2029min", "must not hold control characters"],
    ["ad\u200emin", "must not hold control characters"],
    ["ad\ud800min", "must not hold control characters"],
    ["ad\u3164min", "must not hold invisible characters, or any space but single common ones"],
    ["ad  min", "must not hold invisible characters, or any space but single common ones"],
    [" admin", "must not begin or end with a space"],
    ["admin ", "must not begin or end with a space"],
    ["Ju\u0308rgen", "must be in Unicode's normal form NFC"],
  ])("%j: %s", (name, problem) => expect(principalProblem(name)).toBe(problem));

  it("may hold spaces, one at a time", () => {
    expect(principalProblem("a b c")).toBeNull();
  });
});

describe("what can be given to somebody, and who can have an account", () => {
  it.each([...ownNames, "ADMIN", "\uff21dmin", "Server"])(
    "is not by the name %j, which is the server's own",
    (name) => {
      const problem = "must not be a name of the server's own";
      expect([givenNameProblem(name), accountNameProblem(name)]).toEqual([problem, problem]);
    },
  );

  it.each([".", "..", "a/b", "/", "a\\b"])(
    "is given by the name %j, which no account has: it leads elsewhere in paths",
    (name) => {
      expect(givenNameProblem(name)).toBeNull();
      expect(accountNameProblem(name)).toBe("must not be `.` or `..`, nor hold a slash");
    },
  );

  it.each(["ann", "...", ".a", "a.b", "administrator"])("may be by the name %j", (name) => {
    expect([givenNameProblem(name), accountNameProblem(name)]).toEqual([null, null]);
  });

  it("is by no name that nobody can have", () => {
    expect([givenNameProblem(""), accountNameProblem("a ")]).toEqual([
      "must not be empty",
      "must not begin or end with a space",
    ]);
  });
});
