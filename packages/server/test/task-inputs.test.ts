import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InputValidator } from "../src/operations/tasks/validate/validator.ts";
import { sampleCaller } from "./support/sample-caller.ts";

const caller = sampleCaller();
let inputs: InputValidator;
beforeAll(() => {
  inputs = new InputValidator();
});
afterAll(() => inputs[Symbol.asyncDispose]());

let version = 0;
const check = (schema: object, text: string, by = inputs) =>
  by.check({ name: "t", version: (version += 1), schema, text, caller });
const report = {
  type: "object",
  properties: {
    month: { type: "string", pattern: "^\\d{4}-\\d{2}$" },
    top: { type: "integer", default: 10 },
    kinds: { type: "array", items: { enum: ["new", "old"] } },
    to: { type: "object", properties: { mail: { type: "string", format: "email" } }, required: ["mail"] },
  },
  required: ["month"],
  additionalProperties: false,
};

describe("an input", () => {
  it("that does not fit is told all that is wrong with it at once, by path", async () => {
    const text = '{"top":"x","kinds":["new","odd"],"to":{},"more":1}';
    const answer = await check(report, text);
    expect("problems" in answer && answer.problems.toSorted((a, b) => (a.field < b.field ? -1 : 1))).toEqual([
      { field: "kinds[1]", message: 'must be one of "new", "old"' },
      { field: "month", message: "is missing" },
      { field: "more", message: "is not known" },
      { field: "to.mail", message: "is missing" },
      { field: "top", message: "must be integer" },
    ]);
  });

  it("that the schema adds nothing to stays as it was written", async () => {
    const text = ' {"month" : "2026-01", "top": 12345678901234567890 }\n';
    expect(await check(report, text)).toEqual({ text });
  });

  it("gets the defaults that it leaves out, and keeps every digit of the rest", async () => {
    const schema = {
      properties: {
        id: { type: "number" },
        top: { default: 10 },
        in: { properties: { a: { default: [1] } } },
      },
    };
    const text = '{"id": 12345678901234567890.10, "in": {}}';
    expect(await check(schema, text)).toEqual({
      text: '{"id":12345678901234567890.10,"in":{"a":[1]},"top":10}',
    });
  });

  it.each([
    ['{"month":', "must be JSON"],
    ['{"month":"2026-01","month":"2026-02"}', "must be JSON"],
    ['{"month":NaN}', "must be JSON"],
    ["[".repeat(200_000), "must be JSON"],
    ['{"__proto__":{"month":"2026-01"}}', "__proto__"],
    ['{"\\u005f_proto__":1}', "__proto__"],
  ])("that no two parsers would read alike is refused: %.40s", async (text, why) => {
    const answer = await check(report, text);
    expect(answer).toMatchObject({ problems: [{ field: "body" }] });
    expect(JSON.stringify(answer)).toContain(why);
  });

  it("may go through a schema that refers to itself again and again, down to a depth", async () => {
    const deep = '{"c":'.repeat(90) + "1" + "}".repeat(90);
    expect(await check({ properties: { c: { $ref: "#" } } }, deep)).toEqual({ text: deep });
    const deeper = '{"c":'.repeat(101) + "1" + "}".repeat(101);
    expect(await check({ properties: { c: { $ref: "#" } } }, deeper)).toMatchObject({
      problems: [{ field: "body" }],
    });
  });
});

describe("a schema", () => {
  it.each<[object, string]>([
    [{ type: "objekt" }, "spec.input"],
    [{ propertys: {} }, "propertys"],
    [{ minLength: -1 }, "minLength must be >= 0"],
    [{ pattern: "(" }, "spec.input"],
    [{ $ref: "https://example.org/schema.json" }, "example.org"],
    [{ $ref: "file:///etc/passwd" }, "passwd"],
    [{ $schema: "http://json-schema.org/draft-07/schema#" }, "2020-12"],
    [JSON.parse('{"not":'.repeat(40) + "{}" + "}".repeat(40)) as object, "32 levels"],
    [{ $defs: { a: { $ref: "#/$defs/a" } }, $ref: "#/$defs/a" }, "is no JSON Schema"],
    [{ enum: Array.from({ length: 2001 }, () => ({})) }, "2000"],
  ])("that is none is refused when it is defined: %.60j", async (schema, why) => {
    const refused = inputs.demandSchema(schema, caller);
    await expect(refused).rejects.toMatchObject({ code: "REQUEST_INVALID" });
    await expect(refused).rejects.toThrow(why);
  });

  it.each([
    [{ a: { type: "integer", default: "x" } }, "spec.input.properties.a.default"],
    [{ "b/~ %": { type: "string", default: 3 } }, 'spec.input.properties["b/~ %"].default'],
    [{ c: { properties: { d: { enum: [1], default: 2 } } } }, "spec.input.properties.c.properties.d.default"],
    [{ e: { $ref: "#/$defs/natural", default: -1 } }, "spec.input.properties.e.default"],
    [{ f: { $ref: "#", default: {} } }, "spec.input.properties.f.default"],
  ])("whose default does not fit is refused when it is defined: %j", async (properties, field) => {
    const schema = { properties, $defs: { natural: { type: "integer", minimum: 0 } } };
    const error: unknown = await inputs.demandSchema(schema, caller).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "REQUEST_INVALID", problems: [{ field }] });
  });

  it("may have an input named default, and fill in what a default leaves out", async () => {
    const inner = { properties: { b: { type: "integer", default: 1 } }, required: ["b"] };
    const properties = { default: { const: { default: 3 } }, a: { ...inner, default: {} } };
    await inputs.demandSchema({ properties }, caller);
    expect(await check({ properties }, "{}")).toEqual({ text: '{"a":{"b":1}}' });
  });

  it("may refer to a part of it by its anchor", async () => {
    const $defs = { natural: { $anchor: "natural", type: "integer", minimum: 0 } };
    const properties = { a: { $ref: "#natural", default: 1 } };
    await inputs.demandSchema({ properties, $defs }, caller);
    expect(await check({ properties, $defs }, "{}")).toEqual({ text: '{"a":1}' });
    expect(await check({ properties, $defs }, '{"a":-1}')).toMatchObject({ problems: [{ field: "a" }] });
    const wrong = { properties: { a: { $ref: "#natural", default: -1 } }, $defs };
    await expect(inputs.demandSchema(wrong, caller)).rejects.toThrow("properties.a.default");
  });

  it("may refer to what a schema is", async () => {
    const schema = { $ref: "https://json-schema.org/draft/2020-12/schema" };
    await inputs.demandSchema(schema, caller);
    expect(await check(schema, '{"minLength":1}')).toHaveProperty("text");
    expect(await check(schema, '{"minLength":-1}')).toMatchObject({ problems: [{ field: "minLength" }] });
  });

  it("may name its dialect and itself, which no other schema learns", async () => {
    const $id = "https://json-schema.org/draft/2020-12/schema";
    await inputs.demandSchema({ $schema: $id, $id, type: "object" }, caller);
    await expect(inputs.demandSchema({ $ref: "https://x.org/a" }, caller)).rejects.toThrow("x.org");
  });

  it.each([
    ["a pattern that never ends", { pattern: "^(a+)+$" }, JSON.stringify(`${"a".repeat(60)}!`)],
    [
      "references that double",
      Array.from({ length: 40 }).reduce<{ $defs: Record<string, object>; $ref: string }>(
        ({ $defs }, _, n) => ({
          $defs: {
            ...$defs,
            [`d${n + 1}`]: { allOf: [{ $ref: `#/$defs/d${n}` }, { $ref: `#/$defs/d${n}` }] },
          },
          $ref: `#/$defs/d${n + 1}`,
        }),
        { $defs: { d0: { type: "number" } }, $ref: "#/$defs/d0" },
      ),
      '"x"',
    ],
  ])("with %s ends what it holds up, and nothing else", async (_, schema, text) => {
    await using own = new InputValidator();
    const slow = check(schema, text, own);
    const other = check(report, '{"month":"2026-01","top":1}', own);
    await expect(slow).rejects.toMatchObject({ code: "SCHEMA_SLOW" });
    expect(await other).toHaveProperty("text");
  });
});

describe("inputs that wait", () => {
  const slow = { pattern: "^(a+)+$" };
  const endless = JSON.stringify(`${"a".repeat(60)}!`);
  const ask = (
    own: InputValidator,
    { as = "ann", ...asked }: { as?: string; name: string; schema: object; text: string },
  ) =>
    own.check({
      ...asked,
      version: 1,
      caller: sampleCaller({ principal: { name: as, roles: ["developer"] } }),
    });

  it("do not wait for a task whose schema was slow before, nor for schemas of definitions", async () => {
    const deadlines = { schema: 3_600_000, input: 200 };
    const own = new InputValidator({ deadlines });
    const evil = { name: "slow", schema: slow, text: endless };
    await expect(ask(own, evil)).rejects.toMatchObject({ code: "SCHEMA_SLOW" });
    // From here on it has the thread for as long as the server runs.
    deadlines.input = 3_600_000;
    const held = ask(own, evil);
    const behind = own.demandSchema({ type: "object" }, caller);
    expect(
      await ask(own, { name: "quick", schema: report, text: '{"month":"2026-01","top":1}' }),
    ).toHaveProperty("text");
    const ended = Promise.allSettled([held, behind]);
    await own[Symbol.asyncDispose]();
    const codes = (await ended).map(
      (one) => one.status === "rejected" && (one.reason as { code: string }).code,
    );
    expect(codes).toEqual(["SHUTTING_DOWN", "SHUTTING_DOWN"]);
  });

  it("of whoever was slow three times are not tried again against that version, and those of others are", async () => {
    await using own = new InputValidator({ deadlines: { schema: 3_000, input: 1 } });
    const evil = { name: "slow", schema: slow, text: endless };
    for (let times = 0; times < 3; times += 1)
      await expect(ask(own, evil)).rejects.toThrow("to do so takes too long");
    await expect(ask(own, evil)).rejects.toMatchObject({ code: "SCHEMA_SLOW" });
    await expect(ask(own, evil)).rejects.toThrow("three times");
    await expect(ask(own, { ...evil, as: "bob" })).rejects.toThrow("to do so takes too long");
    await expect(ask(own, { ...evil, name: "other" })).rejects.toThrow("to do so takes too long");
  });

  it("are no more, of one and of all, than have room in memory", async () => {
    const own = new InputValidator({
      deadlines: { schema: 3_600_000, input: 3_600_000 },
      most: { ofOne: 1_000, inAll: 2_000 },
    });
    const long = { name: "long", schema: {}, text: JSON.stringify("x".repeat(600)) };
    // The longest alone has its turn, however long it is.
    const alone = { name: "alone", schema: {}, text: JSON.stringify("x".repeat(3_000)) };
    expect(await ask(own, alone)).toHaveProperty("text");
    const waiting = [
      ask(own, { name: "slow", schema: slow, text: endless }),
      ask(own, long),
      ask(own, { ...long, as: "bob" }),
    ];
    const ended = Promise.allSettled(waiting);
    const refused = ask(own, long);
    await expect(refused).rejects.toMatchObject({ code: "TOO_MANY_OPEN" });
    await expect(refused).rejects.toThrow("of yours");
    await expect(ask(own, { ...long, as: "bob" })).rejects.toThrow("of yours");
    const third = Promise.allSettled([ask(own, { ...long, as: "carl" })]);
    await expect(ask(own, { ...long, as: "dora" })).rejects.toThrow("of all");
    await own[Symbol.asyncDispose]();
    await Promise.all([ended, third]);
  });
});

describe("the schema of a version", () => {
  it("is written out for the thread once, and again for one that does not know it", async () => {
    await using own = new InputValidator();
    let written = 0;
    const schema = {
      toJSON: () => {
        written += 1;
        return { properties: { n: { type: "integer" }, s: { pattern: "^(a+)+$" } } };
      },
    };
    const ask = (text: string) => own.check({ name: "kept", version: 1, schema, text, caller });
    expect(await ask('{"n":1}')).toHaveProperty("text");
    const first = written;
    for (let n = 0; n < 5; n += 1) expect(await ask('{"n":1}')).toHaveProperty("text");
    expect(await ask('{"n":"x"}')).toHaveProperty("problems");
    expect(written).toBe(first);
    // Enough others that the thread forgets it.
    for (let n = 0; n < 200; n += 1) await check({ minimum: n }, "300", own);
    expect(await ask('{"n":"x"}')).toHaveProperty("problems");
    expect(written).toBe(first + 1);
    // It is checked aside from now on, by a thread that knows nothing.
    await expect(ask(`{"s":"${"a".repeat(60)}!"}`)).rejects.toMatchObject({ code: "SCHEMA_SLOW" });
    expect(await ask('{"n":"x"}')).toHaveProperty("problems");
    expect(written).toBe(first + 2);
  });
});
