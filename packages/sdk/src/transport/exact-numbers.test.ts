import { describe, expect, it } from "vitest";
import { parseJson } from "./exact-numbers.ts";

const kept = (digits: string): { digits: string } => ({ digits });

describe("parseJson", () => {
  it.each([
    "9007199254740993",
    "-9007199254740993",
    "12345678901234567890",
    "0.12345678901234567890",
    "3.14159265358979323846",
    "1e400",
    "1e-400",
    "1.7976931348623157e309",
    "100000000000000000000001",
  ])("gives away %s, which a double has not", (digits) => {
    expect(parseJson(`{"n":[${digits}, 1]}`, kept)).toEqual({ n: [{ digits }, 1] });
  });

  it.each([
    "9007199254740992",
    "-0",
    "0.1",
    "1.10",
    "1e5",
    "1E+2",
    "123456789012345680000",
    "5e-324",
    "0.00000000000000000000",
    "0.30000000000000004",
    "1000000000000000000000000",
  ])("keeps %s a number", (digits) => {
    expect(parseJson(`[${digits}]`, kept)).toEqual([Number(digits)]);
  });

  it.each([
    '{"9007199254740993":"9007199254740993"}',
    '["\\"9007199254740993\\\\",9007199254740992,"\\\\"]',
    '"0199a2b4-7c1e-7d53-9f0a-3b6c8d21e4f7 1e400"',
  ])("leaves texts and keys as they are: %s", (text) => {
    expect(parseJson(text, kept)).toEqual(JSON.parse(text));
  });

  it("rounds as JSON.parse does when nobody asks for more", () => {
    expect(parseJson("9007199254740993")).toBe(9007199254740992);
  });

  it.each(['["9007199254740993', "[9007199254740993", "9007199254740993.1.2", "[1e999-]", '"\\'])(
    "refuses what is no JSON: %s",
    (text) => {
      expect(() => parseJson(text, kept)).toThrow(SyntaxError);
    },
  );

  it("gives back the very text with JSON.rawJSON", () => {
    const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown };
    const text = '{"id":9007199254740993,"pi":3.14159265358979323846,"all":[1e400,"1e400"]}';
    expect(JSON.stringify(parseJson(text, rawJSON))).toBe(text);
  });
});
