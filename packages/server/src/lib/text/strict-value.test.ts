import { describe, expect, it } from "vitest";
import { takeSpent } from "../on-loop.ts";
import { parseStrictJson } from "./strict-json.ts";
import { strictValue } from "./strict-value.ts";

const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

describe("ABUSE 10, 26: strictValue", () => {
  it.each([
    "null",
    ' {"a" : [1, -0.5e3, true, "x"],\n"b"\t:{"a":{}}} ',
    '{"url":"https://example.org:80/","said":"\\":\\":","":": :"}',
    '{"10":1,"2":2,"\\u0061":3}',
    '{"a":1,"\\u0061":2}',
    '{"a" :1,"a"\n:2}',
    '[{"a":1},{"b":{"a":1,"a":1}}]',
    '{"__proto__":{"a":1},"a":{"__proto__":2}}',
    '{"__proto__":{"a":1},"__proto__":{"a":1}}',
    "[1e999]",
    '{"a":-1e999}',
    "[1e308,9007199254740993]",
    "\ufeff{}",
    "{'a':1}",
    '{"a":NaN}',
    '"\\ud800"',
    '"\u001f"',
    '{"a":1}}',
    "01",
    "",
    nested(100),
    nested(101),
    '{"a":'.repeat(100) + "1" + "}".repeat(100),
    '{"a":'.repeat(101) + "1" + "}".repeat(101),
    nested(16_000),
    nested(100_000),
    `{"${"k".repeat(70_000)}":1}`,
  ])("says of %.60s what the strict parser says", async (text) => {
    const strict = await parseStrictJson(text);
    const told = strict.ok ? { ok: true, value: strict.value } : strict;
    const answer = await strictValue(text);
    expect(answer).toEqual(told);
    // What a key __proto__ holds is told by its text alone.
    expect(JSON.stringify(answer)).toBe(JSON.stringify(told));
  });

  /** What the strict parser says on the loop, it says by this name. */
  const asksStrict = async (text: string): Promise<boolean> => {
    takeSpent();
    await strictValue(text);
    return takeSpent().has("result: read");
  };
  const long = (length: number): string => `"${"x".repeat(length - 2)}"`;

  it.each([
    "null",
    "-1.5",
    '{"a" :1,"b"\n\t:[{"c":2},{"d":{"e":null}}],"f"  :"x"}',
    '[[1,2],{"a":{"b":[{}]}}]',
    nested(100),
    '{"a":'.repeat(100) + "1" + "}".repeat(100),
    long(32_768),
  ])("takes %.60s from the runtime's parser", async (text) => {
    expect(await asksStrict(text)).toBe(false);
  });

  it.each([
    '{"a":1,"a":2}',
    '{"a":{"b":1,"b":2}}',
    '[{"a":1,"a":1}]',
    '{"said":"\\":"}',
    "[1e999]",
    '{"a":-1e999}',
    "{",
    nested(101),
    long(32_769),
  ])("asks the strict parser of %.60s", async (text) => {
    expect(await asksStrict(text)).toBe(true);
  });
});
