import { expect, it } from "vitest";
import { fromColumn, toColumn } from "./exact-text.ts";

it.each(["", "plain", "größe 🚢", "a\u0001b", "\u0002"])("%j stands in its column as it is", (text) => {
  expect([toColumn(text), fromColumn(text)]).toEqual([text, text]);
});

it.each(["half \ud800", "\udc00", "nul \0", "\0", "\u0001", "\u0001plain", '\u0001"plain"'])(
  "%j is escaped in its column, and comes back as it was",
  (text) => {
    const column = toColumn(text);
    expect(column).toBe(`\u0001${JSON.stringify(text)}`);
    // What a database takes: well formed, without NUL.
    expect([column.isWellFormed(), column.includes("\0")]).toEqual([true, false]);
    expect(fromColumn(column)).toBe(text);
  },
);
