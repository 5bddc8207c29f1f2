import { describe, expect, it } from "vitest";
import { answerOf } from "./answer.ts";
import { isAnswered, withAnswer } from "./filled-input.ts";
import { type Question, questionsOf } from "./form.ts";
import { wordOf } from "./words.ts";

const one = (schema: object): Question => {
  const [question] = questionsOf({ properties: { it: schema } });
  if (question === undefined) throw new Error("no question");
  return question;
};

describe("the questions of a schema", () => {
  it("are its fields in their order, those of objects in it by their path", () => {
    const schema = {
      required: ["a", "to"],
      properties: {
        a: { type: "string", title: "A", description: "The first" },
        to: { required: ["city"], properties: { city: { type: "string" }, zip: { type: "string" } } },
        maybe: { type: "object", required: ["x"], properties: { x: { type: "integer", default: 3 } } },
      },
    };
    const shown = questionsOf(schema).map(({ path, required, about, default: usual }) => [
      path.join("."),
      required,
      about,
      usual,
    ]);
    expect(shown).toEqual([
      ["a", true, "The first", undefined],
      ["to.city", true, null, undefined],
      ["to.zip", false, null, undefined],
      // Nobody has to say anything of what may be left out whole.
      ["maybe.x", false, null, 3],
    ]);
  });

  it.each([
    [{ type: "string" }, "text"],
    [{ type: "string", writeOnly: true }, "secret"],
    [{ type: "string", format: "password" }, "secret"],
    [{ type: "integer" }, "whole number"],
    [{ type: "number" }, "number"],
    [{ type: "boolean" }, "yes or no"],
    [{ enum: ["a", 1, null] }, "one of a, 1, null"],
    [{ type: "array", items: { type: "string" } }, "texts, with commas between"],
    [{ type: "array", items: { type: "object" } }, "JSON"],
    [{ type: "array", prefixItems: [{ type: "string" }], items: { type: "string" } }, "JSON"],
    [{ oneOf: [{ type: "string" }] }, "JSON"],
    [{ type: ["string", "null"] }, "JSON"],
    [{ type: "object", oneOf: [{}], properties: { b: {} } }, "JSON"],
    [true, null],
    [{ const: 1 }, null],
    [{ readOnly: true, type: "string" }, null],
    [{ $ref: "#/$defs/n" }, "whole number"],
    [{ $ref: "#/$defs/none" }, null],
    [{ $ref: "#/$defs/loop" }, null],
    [{ $ref: "https://example.com" }, null],
  ])("%j is asked for as %s", (field, word) => {
    const $defs = { n: { type: "integer" }, loop: { $ref: "#/$defs/loop" } };
    const [question] = questionsOf({ $defs, properties: { it: field } });
    expect(question === undefined ? null : wordOf(question.kind)).toBe(word);
  });

  it("come to an end where a schema holds itself", () => {
    const schema = { properties: { name: { type: "string" }, next: { $ref: "#" } } };
    const paths = questionsOf(schema).map(({ path }) => path.join("."));
    expect(paths.slice(0, 2)).toEqual(["name", "next.name"]);
    expect(paths.length).toBeLessThan(10);
  });

  it.each([undefined, null, true, 7, [], {}, { properties: 5 }, { properties: { a: 1 } }])(
    "are none of %j",
    (schema) => {
      expect(questionsOf(schema)).toEqual([]);
    },
  );
});

describe("an answer", () => {
  it.each([
    [{ type: "string" }, " a ", " a "],
    [{ type: "string", writeOnly: true }, " ", " "],
    [{ type: "integer" }, " 42 ", 42],
    [{ type: "integer" }, "1e3", 1000],
    [{ type: "number" }, ".5", 0.5],
    [{ type: "boolean" }, "Y", true],
    [{ type: "boolean" }, "no", false],
    [{ enum: ["a", 1, null] }, "1", 1],
    [{ enum: ["a", 1, null] }, "null", null],
    [{ type: "array", items: { type: "integer" } }, "1, 2", [1, 2]],
    [{ type: "array", items: { type: "string" } }, "a b, c", ["a b", "c"]],
    [{}, '{"a": [1]}', { a: [1] }],
  ])("of %j that is typed as %j is %j", (field, text, value) => {
    expect(answerOf(one(field), text)).toEqual({ kind: "value", value });
  });

  it.each([
    [{ type: "integer" }, "1.5", "must be a whole number"],
    [{ type: "integer" }, "0x10", "must be a whole number"],
    [{ type: "integer" }, "9007199254740993", "is too large to be typed here: use --input"],
    [{ type: "number" }, "much", "must be a number"],
    [{ type: "boolean" }, "maybe", "must be yes or no"],
    [{ enum: ["a", "b"] }, "c", "must be one of a, b"],
    [{ type: "array", items: { type: "integer" } }, "1,x", "must be a whole number"],
    [{}, "a: b", 'must be JSON, as ["a", 1] or {"a": 1}; texts have quotes'],
    [{ type: "integer", minimum: 3 }, "2", "must be at least 3"],
    [{ type: "number", exclusiveMaximum: 3 }, "3", "must be less than 3"],
    [{ type: "string", maxLength: 2 }, "🚢🚢🚢", "must have a number of letters of at most 2"],
    [
      { type: "array", items: { type: "string" }, minItems: 2 },
      "a",
      "must have a number of items of at least 2",
    ],
  ])("of %j that is typed as %j %s", (field, text, why) => {
    expect(answerOf(one(field), text)).toEqual({ kind: "problem", why });
  });

  it("that is empty is the default or nothing, unless it is required", () => {
    const [wanted, usual, free] = questionsOf({
      required: ["wanted", "usual"],
      properties: { wanted: { type: "string" }, usual: { type: "string", default: "x" }, free: {} },
    }) as [Question, Question, Question];
    expect(answerOf(wanted, " ")).toEqual({ kind: "problem", why: "is wanted" });
    expect([answerOf(usual, ""), answerOf(free, "")]).toEqual([{ kind: "nothing" }, { kind: "nothing" }]);
  });
});

it("an answer is put into the input at its path, whatever its name", () => {
  const input = withAnswer(withAnswer({ a: 1 }, ["b", "c"], 2), ["b", "__proto__"], 3);
  expect(JSON.stringify(input)).toBe('{"a":1,"b":{"c":2,"__proto__":3}}');
  expect([
    isAnswered(input, ["b", "c"]),
    isAnswered(input, ["b", "d"]),
    isAnswered({}, ["toString"]),
  ]).toEqual([true, false, false]);
});
