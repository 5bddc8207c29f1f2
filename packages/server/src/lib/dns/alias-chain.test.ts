import { expect, it } from "vitest";
import { followAliases } from "./alias-chain.ts";
import type { KnownRecord } from "./records.ts";

const alias = (owner: string, target: string): KnownRecord => ({ kind: "alias", owner, target, ttl: 60 });
const chain = (length: number): KnownRecord[] =>
  Array.from({ length }, (_, n) => alias(`n${n}`, `n${n + 1}`));

it("follows a name to the last one, in whatever order they are told", () => {
  const records = chain(8).toReversed();
  const followed = followAliases("n0", { records, before: [] });
  expect(followed).toMatchObject({ kind: "end", end: "n8" });
  expect(followed.kind === "end" && followed.aliases.map(({ owner }) => owner)).toEqual([
    "n0",
    "n1",
    "n2",
    "n3",
    "n4",
    "n5",
    "n6",
    "n7",
  ]);
});

it("stays where nothing is told of the name, and takes nothing from what is told of others", () => {
  expect(followAliases("a", { records: [alias("b", "c")], before: [] })).toEqual({
    kind: "end",
    aliases: [],
    end: "a",
  });
});

it.each([
  ["through more names than one question may", "n0", chain(9)],
  ["to itself", "a", [alias("a", "a")]],
  ["round in a circle", "a", [alias("a", "b"), alias("b", "c"), alias("c", "a")]],
])("gives up what leads %s", (_how, name, records) => {
  expect(followAliases(name, { records, before: [] })).toEqual({ kind: "endless" });
});

it("counts what it was led through before, and sees a circle that closes only now", () => {
  const before = [{ owner: "a", target: "b", ttl: 60 }];
  expect(followAliases("b", { records: [alias("b", "a")], before })).toEqual({ kind: "endless" });
  const long = Array.from({ length: 7 }, (_, n) => ({ owner: `m${n}`, target: `m${n + 1}`, ttl: 60 }));
  expect(followAliases("n0", { records: chain(1), before: long }).kind).toBe("end");
  expect(followAliases("n0", { records: chain(2), before: long }).kind).toBe("endless");
});
