import { expect, it } from "vitest";
import { mediaType, retryAfter } from "./transport.ts";

it.each([
  ["application/json", "application/json"],
  [" Text/Event-Stream ; charset=utf-8", "text/event-stream"],
  ["", ""],
  [null, ""],
  [undefined, ""],
])("the media type of %j is %j", (header, type) => expect(mediaType(header)).toBe(type));

const now = Date.parse("2026-01-01T00:00:00Z");

it.each([
  ["0", 0],
  ["1", 1000],
  [" 120 ", 120_000],
  ["999999999", 999_999_999_000],
  ["Thu, 01 Jan 2026 00:00:07 GMT", 7000],
  ["Wed, 31 Dec 2025 23:59:00 GMT", 0],
  ["soon", null],
  ["1s", null],
  ["x1", null],
  ["", null],
  [null, null],
  [undefined, null],
])("`retry-after: %s` asks for %j ms", (header, ms) => expect(retryAfter(header, now)).toBe(ms));

it("a date is seen from now", () => {
  const wait = retryAfter(new Date(Date.now() + 60_000).toUTCString()) ?? 0;
  expect(wait).toBeGreaterThan(50_000);
  expect(wait).toBeLessThanOrEqual(60_000);
});
