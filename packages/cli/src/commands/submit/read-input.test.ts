import { specBounds } from "@berth/protocol";
import { expect, it } from "vitest";
import { largestInput, splitFile } from "./read-input.ts";

it("reads no more than the contract takes", () => {
  expect(largestInput).toBe(specBounds.filesTotal);
});

it.each([
  ["/data/a.csv", "/data/a.csv", "a.csv"],
  ["/data/a.csv:in/b.csv", "/data/a.csv", "in/b.csv"],
  ["a:b:c", "a:b", "c"],
  ["a.csv:", "a.csv:", "a.csv:"],
  [":a", ":a", ":a"],
])("splits %s", (text, local, name) => {
  expect(splitFile(text)).toEqual({ local, name });
});
