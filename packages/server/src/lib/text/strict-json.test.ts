import { describe, expect, it } from "vitest";
import { parseStrictJson } from "./strict-json.ts";

describe("ABUSE 10, 26: parseStrictJson", () => {
  it.each([
    "null",
    " true ",
    "-0.5e+3",
    '""',
    '"\\u00e4\\ud83d\\ude00\\"\\\\\\/\\b\\f\\n\\r\\t"',
    '"\\ud800"',
    '"\\uABCD\\uabcd\\u0f9A"',
    '" ~\u007f"',
    "0",
    "-0",
    "9",
    "10",
    "-120",
    "0.125",
    "10.50",
    "1e5",
    "1E12",
    "1e+10",
    "12e-10",
    "[0,9,-1,10.5e2]",
    '"a\\\\"',
    "[false,null,true]",
    "[]",
    "{}",
    '[1,[2,[3,{"a":[]}]],{}]',
    '{"a":{"b":null},"":"empty key","c":[true,false]}',
    '{"a":{"x":1},"b":{"x":1}}',
    "\r\n\t [ 1 ,\n2 ] ",
  ])("gives what JSON.parse gives for %s", async (text) => {
    expect(await parseStrictJson(text)).toMatchObject({ ok: true, value: JSON.parse(text) as unknown });
  });

  it.each([
    [" [ 1 , 2 ] ", "[1,2]"],
    ["[1,2]", "[1,2]"],
    ["\n9007199254740993\t", "9007199254740993"],
    ['{ "a b" : " c " , "d":[ ] }', '{"a b":" c ","d":[]}'],
    [`"${"x ".repeat(9000)}"`, `"${"x ".repeat(9000)}"`],
  ])("gives the text of %j without the blanks between its parts", async (text, compact) => {
    expect(await parseStrictJson(text)).toMatchObject({ ok: true, text: compact });
  });

  it.each([
    ["nothing", " \n", "The document is empty at line 2, column 1"],
    ["a key twice", '{"a": 1,\n "\\u0061": 2}', 'Key "a" comes twice at line 2, column 2'],
    ["a byte order mark", "\ufeff{}", "A byte order mark stands at line 1, column 1"],
    [
      "a second key with a very long name",
      `{"${"k".repeat(70)}":1,"${"k".repeat(70)}":2}`,
      `Key "${"k".repeat(64)}" comes twice at line 1, column 77`,
    ],
    ["a byte order mark further in", "[\ufeff1]", "A byte order mark stands at line 1, column 2"],
    [
      "a slash, which stands before the digits",
      "[/]",
      'Unexpected "/" where a value belongs at line 1, column 2',
    ],
    ["a colon, which stands behind them", "[:]", 'Unexpected ":" where a value belongs at line 1, column 2'],
    ["a point without a digit before it", "[.5]", 'Unexpected "." where a value belongs at line 1, column 2'],
    ["a point without a digit behind it", "1.", 'Unexpected "." after the document at line 1, column 2'],
    ["an exponent without a digit", "1e", 'Unexpected "e" after the document at line 1, column 2'],
    ["a plus before a number", "+1", 'Unexpected "+" where a value belongs at line 1, column 1'],
    ["a minus alone", "[-]", 'Unexpected "-" in a number at line 1, column 2'],
    ["a word in capitals", "True", 'Unexpected "T" where a value belongs at line 1, column 1'],
    ["the beginning of a word", "tru", 'Unexpected "t" where a value belongs at line 1, column 1'],
    [
      "an object that closes a list",
      "[1}",
      'Unexpected "}" where a comma or the end belongs at line 1, column 3',
    ],
    ["an object that ends after a key", '{"a"', "The document ends too early at line 1, column 5"],
    ["an object that ends after a colon", '{"a":', "The document ends too early at line 1, column 6"],
    ["an open object", "{", "The document ends too early at line 1, column 2"],
    ["a colon in a list", "[1:2]", 'Unexpected ":" where a comma or the end belongs at line 1, column 3'],
    ["a comma first", "[,1]", 'Unexpected "," where a value belongs at line 1, column 2'],
    ["a comma for a key", "{,}", 'Unexpected "," where a key belongs at line 1, column 2'],
    ["a blank that JSON has not", "\u00a01", 'Unexpected "\u00a0" where a value belongs at line 1, column 1'],
    ["a form feed", "\f1", 'Unexpected "\\f" where a value belongs at line 1, column 1'],
    [
      "a control character in a string",
      '"\u001f"',
      "A control character stands in a string at line 1, column 2",
    ],
    [
      "an escape of no hexadecimal digits",
      '"\\u00g0"',
      "An escape in a string is not known at line 1, column 2",
    ],
    ["an escape in capitals", '"\\N"', "An escape in a string is not known at line 1, column 2"],
    ["a fault on the third line", "[\n 1,\n  ?]", 'Unexpected "?" where a value belongs at line 3, column 3'],
    ["NaN", "[NaN]", 'Unexpected "N" where a value belongs at line 1, column 2'],
    ["Infinity", "-Infinity", 'Unexpected "-" in a number at line 1, column 1'],
    ["a number beyond a double", "[1, 1e999]", "A number is too large at line 1, column 5"],
    ["a negative number beyond a double", "-1e999", "A number is too large at line 1, column 1"],
    ["a leading zero", "01", 'Unexpected "1" after the document at line 1, column 2'],
    ["a second document", "{} {}", 'Unexpected "{" after the document at line 1, column 4'],
    ["a comma too many", "[1,]", 'Unexpected "]" where a value belongs at line 1, column 4'],
    ["a comma after the last key", '{"a":1,}', 'Unexpected "}" where a key belongs at line 1, column 8'],
    ["a missing colon", '{"a" 1}', 'Unexpected "1" where a colon belongs at line 1, column 6'],
    ["the wrong bracket", '{"a":1]', 'Unexpected "]" where a comma or the end belongs at line 1, column 7'],
    ["single quotes", "{'a':1}", 'Unexpected "\'" where a key belongs at line 1, column 2'],
    ["a comment", "// x\n1", 'Unexpected "/" where a value belongs at line 1, column 1'],
    ["an open list", "[1", "The document ends too early at line 1, column 3"],
    ["an open string", '["abc', "A string has no end at line 1, column 2"],
    ["a line end in a string", '"a\nb"', "A control character stands in a string at line 1, column 3"],
    ["an unknown escape", '"\\x41"', "An escape in a string is not known at line 1, column 2"],
    [
      "an unknown escape before four digits",
      '"\\xabcd"',
      "An escape in a string is not known at line 1, column 2",
    ],
    ["a short escape", '"\\u12"', "An escape in a string is not known at line 1, column 2"],
    ["an escape at the end", '"\\', "An escape in a string is not known at line 1, column 2"],
  ])("refuses %s and says where", async (_title, text, reason) => {
    expect(await parseStrictJson(text)).toEqual({ ok: false, reason });
  });

  it("takes a hundred levels and refuses one more, without a stack for 100,000", async () => {
    const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
    expect(await parseStrictJson(nested(100))).toMatchObject({ ok: true });
    const refusal = { ok: false, reason: "Nested deeper than 100 at line 1, column 101" };
    expect(await parseStrictJson(nested(101))).toEqual(refusal);
    expect(await parseStrictJson(nested(100_000))).toEqual(refusal);
    expect(await parseStrictJson(nested(100_000), { maxDepth: 100_000 })).toMatchObject({ ok: true });
  });

  it("keeps a key __proto__ as a key", async () => {
    const parsed = await parseStrictJson('{"__proto__": {"admin": true}}');
    const value = parsed.ok ? parsed.value : null;
    expect(Object.keys(value ?? {})).toEqual(["__proto__"]);
    expect((value as { admin?: boolean }).admin).toBeUndefined();
    // As any other key, to be changed and removed.
    expect(Object.getOwnPropertyDescriptor(value, "__proto__")).toEqual({
      value: { admin: true },
      writable: true,
      enumerable: true,
      configurable: true,
    });
  });

  it("lets other work in between while it reads a megabyte", async () => {
    const reading = parseStrictJson(`[${"1,".repeat(500_000)}1]`);
    let turns = 0;
    let done = false;
    void reading.then(() => (done = true));
    while (!done) {
      turns += 1;
      await new Promise(setImmediate);
    }
    expect(turns).toBeGreaterThan(20);
    expect(await reading).toMatchObject({ ok: true });
  });
});
