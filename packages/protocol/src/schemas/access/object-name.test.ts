import { expect, it } from "vitest";
import { isObjectName, objectName } from "./object-name.ts";

it.each(["a", "7", "db-internal", "a--b", "x".repeat(63)])("takes %j for a name", (name) => {
  expect([isObjectName(name), objectName.safeParse(name).success]).toEqual([true, true]);
});

it.each([
  "",
  "A",
  "-a",
  "a-",
  "a.b",
  "a_b",
  "a/b",
  "..",
  "%2e",
  "a\n",
  "ä",
  "ａ",
  "x".repeat(64),
  "*",
  "__proto__",
])("does not take %j for a name", (name) => {
  expect([isObjectName(name), objectName.safeParse(name).success]).toEqual([false, false]);
});
