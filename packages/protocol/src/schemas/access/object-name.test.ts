import { expect, it } from "vitest";
import { definedName, isDefinedName, isObjectName, objectName } from "./object-name.ts";

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

it.each(["a", "python-3.9", "a.b.c", "1.2", "a--b.c", `${"x".repeat(61)}.y`])(
  "takes %j for the name of what is defined",
  (name) => {
    expect([isDefinedName(name), definedName.safeParse(name).success]).toEqual([true, true]);
  },
);

it.each([
  "",
  ".",
  "..",
  "a.",
  ".a",
  "a..b",
  "a.-b",
  "a-.b",
  "A.b",
  "a_b",
  "a/b",
  "a\n",
  "%2e",
  "x".repeat(64),
])("does not take %j for the name of what is defined", (name) => {
  expect([isDefinedName(name), definedName.safeParse(name).success]).toEqual([false, false]);
});
