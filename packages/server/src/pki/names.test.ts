import { describe, expect, it } from "vitest";
import { principalProblem } from "../core/access/principal-name.ts";
import { alternativeName, commonName, serverNameProblem } from "./names.ts";

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

  it("is written as it is, whatever a directory would read it as", () => {
    for (const name of ["#1234", '"quoted"', "a, CN=admin", "a+b", " x"]) {
      expect(commonName(name).getField("CN")).toEqual([name]);
    }
  });
});

describe("the name of a server", () => {
  it.each([
    "localhost",
    "a",
    "a-b.example",
    "BERTH.Example",
    "x1.2y",
    "127.0.0.1",
    "::1",
    "fe80::1",
    `${"a".repeat(63)}.b`,
    `${"a.".repeat(126)}a`,
  ])("may be %j", (name) => expect(serverNameProblem(name)).toBeNull());
  it.each([
    "",
    "-a",
    "a-",
    "a..b",
    ".a",
    "a.",
    "a_b",
    "a b",
    "*.example",
    "größe",
    "a\n",
    "[::1]",
    "127.0.0.1:80",
    `${"a".repeat(64)}.b`,
    `${"a.".repeat(126)}aa`,
  ])("may not be %j", (name) => expect(serverNameProblem(name)).toBe("must be a host name or an IP address"));
  it.each([
    ["127.0.0.1", { type: "ip", value: "127.0.0.1" }],
    ["::1", { type: "ip", value: "::1" }],
    ["Berth.Example", { type: "dns", value: "berth.example" }],
  ])("%j stands in the certificate as %j", (name, written) => expect(alternativeName(name)).toEqual(written));
});
