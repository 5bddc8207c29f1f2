import { expect, it } from "vitest";
import { z } from "zod";
import { crowdedFields } from "./crowded-fields.ts";

const few = z.record(z.string(), z.string()).meta({ maxProperties: 2 });
const schema = z.object({
  few,
  maybe: few.optional(),
  given: few.default({}),
  any: z.record(z.string(), z.string()),
});
const names = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`n${n}`, ""]));

it("finds each field with more names than it may have, also where it may be left out", () => {
  const three = names(3);
  expect(crowdedFields(schema, { few: three, maybe: three, given: three, any: three })).toEqual([
    { name: "few", most: 2 },
    { name: "maybe", most: 2 },
    { name: "given", most: 2 },
  ]);
});

it("finds none with as many as it may have, and none that a schema bounds otherwise", () => {
  expect(crowdedFields(schema, { few: names(2), maybe: {}, any: names(1000) })).toEqual([]);
});

it.each([[null], [undefined], ["text"], [[1, 2, 3]], [7]])("leaves %j to the schema", (few_) => {
  expect(crowdedFields(schema, { few: few_ })).toEqual([]);
  expect(crowdedFields(schema, few_)).toEqual([]);
  expect(crowdedFields(few, names(3))).toEqual([]);
});
