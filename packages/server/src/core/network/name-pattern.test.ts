import { describe, expect, it } from "vitest";
import { randomFrom } from "../../../test/support/seeded-random.ts";
import { foldName } from "../../lib/dns/fold-name.ts";
import { isHostName, NamePatterns, readPattern } from "./name-pattern.ts";

const patternsOf = (...texts: string[]): NamePatterns =>
  new NamePatterns(
    texts.map((text) => {
      const read = readPattern(text);
      if ("problem" in read) throw new Error(read.problem);
      return read.pattern;
    }),
  );

describe("a pattern of names", () => {
  it.each([
    ["github.com", "github.com"],
    ["GitHub.COM.", "github.com"],
    ["*.PythonHosted.org", "*.pythonhosted.org"],
    ["_dmarc.example.org", "_dmarc.example.org"],
    ["xn--bcher-kva.example", "xn--bcher-kva.example"],
    ["localhost", "localhost"],
    ["3com.com", "3com.com"],
    ["host.x1", "host.x1"],
    ["host.1x", "host.1x"],
    [`${"a.".repeat(126)}b`, `${"a.".repeat(126)}b`],
    [`${"a".repeat(63)}.b`, `${"a".repeat(63)}.b`],
  ])("is folded: %s", (text, pattern) => {
    expect(readPattern(text)).toEqual({ pattern });
  });

  it.each([
    ["a.22", `"a.22" is no name: addresses belong to "addresses"`],
    ["*", `"*" is every name: grant the network "internet" for that`],
    ["*.*.com", `"*.*.com" has a "*" elsewhere than as its first part, before a dot`],
    ["git*.com", `"git*.com" has a "*" elsewhere than as its first part, before a dot`],
    [
      "bücher.example",
      `"bücher.example" is not written in ASCII: write what it is in DNS, as in "xn--bcher-kva.example"`,
    ],
    [
      "\u212Aelvin.org",
      `"\u212Aelvin.org" is not written in ASCII: write what it is in DNS, as in "xn--bcher-kva.example"`,
    ],
    ["10.0.0.5", `"10.0.0.5" is no name: addresses belong to "addresses"`],
    ["https://github.com", `"https://github.com" is no name of a host`],
    ["github.com:443", `"github.com:443" is no name of a host`],
    ["a..b", `"a..b" is no name of a host`],
    ["-a.b", `"-a.b" is no name of a host`],
    ["", `"" is no name of a host`],
    ["*.", `"*." is every name: grant the network "internet" for that`],
    [`${"a".repeat(64)}.b`, `"${"a".repeat(64)}.b" is no name of a host`],
    [`${"a.".repeat(127)}b`, `"${"a.".repeat(127)}b" is no name of a host`],
  ])("that is none is told why: %s", (text, problem) => {
    expect(readPattern(text)).toEqual({ problem });
  });

  it("of DNS folds the letters of ASCII and no others", () => {
    expect(foldName("GIT\u212A.Com.")).toBe("git\u212A.com");
    expect(isHostName("git\u212A.com")).toBe(false);
    expect(isHostName("a.b\u0000.com")).toBe(false);
  });

  it("grants the name itself, or all below it and not itself", () => {
    const patterns = patternsOf("github.com", "*.pythonhosted.org");
    expect(patterns.match("github.com")).toBe("github.com");
    expect(patterns.match("files.pythonhosted.org")).toBe("*.pythonhosted.org");
    expect(patterns.match("a.b.pythonhosted.org")).toBe("*.pythonhosted.org");
    for (const name of [
      "pythonhosted.org",
      "evilpythonhosted.org",
      "api.github.com",
      "github.com.evil.org",
      "com",
      "org",
      "",
      ".pythonhosted.org.evil",
      "xgithub.com",
      "*.github.com",
    ])
      expect({ name, by: patterns.match(name) }).toEqual({ name, by: null });
  });

  it("is found among many as by trying each", () => {
    const random = randomFrom(5);
    const labels = ["a", "b", "c", "aa", "ab"];
    const someName = (): string =>
      Array.from({ length: 1 + random.below(4) }, () => random.of(labels)).join(".");
    const texts = Array.from({ length: 60 }, () => (random.below(3) === 0 ? "*." : "") + someName());
    const patterns = patternsOf(...texts);
    const naively = (name: string): boolean =>
      texts.some((text) => (text.startsWith("*.") ? name.endsWith(text.slice(1)) : name === text));
    let granted = 0;
    for (let n = 0; n < 4000; n += 1) {
      const name = someName();
      const found = patterns.match(name);
      expect({ name, isGranted: found !== null }).toEqual({ name, isGranted: naively(name) });
      if (found === null) continue;
      granted += 1;
      expect(texts).toContain(found);
    }
    expect(granted).toBeGreaterThan(100);
  });
});
