import { expect, it } from "vitest";
import { z } from "zod";
import { keysAt } from "./keys-at.ts";

const leaf = z.object({ a: z.string(), b: z.number() });
const schema = z.object({
  one: leaf,
  maybe: leaf.nullable().optional(),
  list: z.array(leaf),
  named: z.record(z.string(), leaf),
  either: z.union([leaf, z.object({ c: z.string() })]),
  read: z.string().transform((text) => text),
  later: leaf.transform((value) => value),
});

it.each<[PropertyKey[], string[]]>([
  [[], ["one", "maybe", "list", "named", "either", "read", "later"]],
  [["one"], ["a", "b"]],
  [["maybe"], ["a", "b"]],
  [
    ["list", 3],
    ["a", "b"],
  ],
  [
    ["named", "x"],
    ["a", "b"],
  ],
  [["either"], ["a", "b", "c"]],
  [["later"], ["a", "b"]],
  [["list"], []],
  [["one", "a"], []],
  [["one", "a", "b"], []],
  [["nowhere"], []],
  [["nowhere", "a"], []],
])("at %j an object may have the names %j", (path, names) => {
  expect(keysAt(schema, path)).toEqual(names);
});
