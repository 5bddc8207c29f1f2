import { expect, it } from "vitest";
import { siblingOf } from "./primary-group.ts";

/** S-1-5-21-1-2-4294967295-1104 */
const sid = Buffer.from(
  "010500000000000515000000" + "01000000" + "02000000" + "ffffffff" + "50040000",
  "hex",
);

it("the primary group is of the same domain, by its number", () => {
  expect(siblingOf(sid, 513)).toBe("S-1-5-21-1-2-4294967295-513");
});

it.each([
  ["no identifier", "S-1-5", 513],
  ["one that was cut", sid.subarray(0, 20), 513],
  ["no number", sid, Number.NaN],
  ["a number that none has", sid, 0],
])("there is none of %s", (_what, from, number) => {
  expect(siblingOf(from, number)).toBeNull();
});
