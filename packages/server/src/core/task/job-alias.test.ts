import { expect, it } from "vitest";
import { isId, newId } from "../../lib/ids.ts";
import { isAlias, newAlias } from "./job-alias.ts";

it("names a run by its task and five letters or digits, another one each time", () => {
  const made = Array.from({ length: 200 }, () => newAlias("monthly-report"));
  for (const alias of made) {
    expect(alias).toMatch(/^monthly-report-[a-z0-9]{5}$/);
    expect(isAlias(alias)).toBe(true);
    expect(isId(alias)).toBe(false);
  }
  expect(new Set(made).size).toBeGreaterThan(190);
});

it.each(["a".repeat(63), "x", "0"])("can be given to runs of a task that is called %s", (task) => {
  expect(isAlias(newAlias(task))).toBe(true);
});

it.each([
  "",
  "report",
  "Report-abcde",
  "-abcde",
  "report-abcd",
  "report--",
  "a/b-abcde",
  newId().slice(0, 30),
])("does not take %j for one", (text) => {
  expect(isAlias(text)).toBe(false);
});
