import { secretMask } from "@berth/protocol";
import { expect, it } from "vitest";
import { type Merged, mergeUpdate } from "./merge-update.ts";

const before = new Map([
  ["user", Buffer.from("berth-user")],
  ["password", Buffer.from("correct-horse")],
]);
const merge = (update: Parameters<typeof mergeUpdate>[1], short = false): Merged =>
  mergeUpdate(before, update, { short });
const textOf = (merged: Merged): unknown =>
  "values" in merged
    ? Object.fromEntries([...merged.values].map(([key, value]) => [key, Buffer.from(value).toString()]))
    : merged.problems.map(({ field, message }) => `${field} ${message}`);

it("keeps by the mask and by silence, deletes by the empty text, sets by anything else", () => {
  expect(textOf(merge({}))).toEqual({ user: "berth-user", password: "correct-horse" });
  expect(textOf(merge({ user: secretMask }))).toEqual({ user: "berth-user", password: "correct-horse" });
  expect(textOf(merge({ user: "" }))).toEqual({ password: "correct-horse" });
  expect(textOf(merge({ user: { base64: "" } }))).toEqual({ password: "correct-horse" });
  expect(textOf(merge({ user: "somebody", token: { base64: "c2VjcmV0" } }))).toEqual({
    user: "somebody",
    password: "correct-horse",
    token: "secret",
  });
  expect(textOf(merge({ user: `${secretMask}*` }))).toEqual({
    user: `${secretMask}*`,
    password: "correct-horse",
  });
});

it("takes keys that can be names of files alone, and lets go of any other", () => {
  const wrong = "as a name must be 1 to 128 letters, digits and ._-, starting with a letter, a digit or _";
  for (const key of ["", ".", "..", "../x", "/etc/passwd", "a/b", "a\0b", "-x", "a\n", "k".repeat(129)])
    expect(mergeUpdate(before, { [key]: "a long one" }, { short: true })).toMatchObject({
      problems: [{ message: wrong }],
    });
  expect(textOf(merge({ "../x": "a long one" }))).toEqual([`values["../x"] ${wrong}`]);
  const old = new Map([...before, ["../x", Buffer.from("of long ago")]]);
  expect(textOf(mergeUpdate(old, { "../x": "" }, { short: false }))).toEqual(textOf(merge({})));
});

it("has keys by any name that a file may have", () => {
  const merged = mergeUpdate(new Map(), { constructor: "a long one", toString: "another" }, { short: false });
  expect(textOf(merged)).toEqual({ constructor: "a long one", toString: "another" });
});

it("takes no mask for a value that is not there, nothing short unasked, and never nothing at all", () => {
  expect(textOf(merge({ other: secretMask, pin: "1234", user: "" }))).toEqual([
    "values.other must not be 12 asterisks: that keeps a value, and there is none",
    "values.pin must be at least 6 bytes to be masked in output: `short` takes it all the same",
  ]);
  expect(textOf(merge({ pin: "1234" }, true))).toMatchObject({ pin: "1234" });
  expect(textOf(merge({ user: "", password: "" }))).toEqual([
    "values must leave a key: to take all away, delete the secret",
  ]);
});

it("has bounds, of one value and of all together", () => {
  const large = "x".repeat(16 * 1024);
  expect(textOf(merge({ a: `${large}x` }))).toEqual(["values.a must be at most 16384 bytes"]);
  const many = Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`k${n}`, large]));
  expect(textOf(merge(many))).toEqual(["values must leave at most 262144 bytes together"]);
  const keys = Object.fromEntries(Array.from({ length: 63 }, (_, n) => [`k${n}`, "abcdefg"]));
  expect(textOf(merge(keys))).toEqual(["values must leave at most 64 keys"]);
});
