import { expect, it } from "vitest";
import { readNext } from "./next-path.ts";

it.each(["/", "/api/v1/docs", "/jobs/1?x=1&y=%2F%2F", "/a#b", "/login/password"])(
  "goes on to %s",
  (asked) => {
    expect(readNext(asked)).toBe(asked);
  },
);

it.each([
  "//evil.example",
  "/\\evil.example",
  "/\\/evil.example",
  "\\\\evil.example",
  "/\t/evil.example",
  "/\n//evil.example",
  "/.//evil.example",
  "/..//evil.example",
  "/a/..//evil.example",
  "/%2e//evil.example",
  "https://evil.example",
  "javascript:alert(1)",
  "evil.example",
  "",
  " /",
  "/ a",
  "/ä",
  `/${"x".repeat(2000)}`,
  ["/a", "/b"],
  undefined,
])("goes home instead of to %j", (asked) => {
  expect(readNext(asked)).toBe("/");
});
