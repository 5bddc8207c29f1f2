import { jobSpec, listJobsQuery } from "@berth/protocol";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { check, fieldName, requestInvalid } from "./check.ts";

function problemsOf(value: unknown): Record<string, string> {
  const checked = check(jobSpec, value);
  return "problems" in checked
    ? Object.fromEntries(checked.problems.map((one) => [one.field, one.message]))
    : {};
}

it("names every wrong field at once, by its path", () => {
  const spec = {
    command: 5,
    args: ["a", 3, null],
    files: { "a b": { base64: "!" }, "../x": "t", c: 4, d: { bas64: "AA==" } },
    resources: { memori: "1Gi", memory: true, cpu: "many", pids: 2 ** 60 },
    timeouts: { run: "1 day" },
    network: "the Internet",
    labels: { "a!": "x" },
    colour: 1,
    output: { overflow: "ignore" },
    env: { "A=B": "1", C: "\0" },
    workdir: "relative",
  };
  expect(problemsOf(spec)).toMatchInlineSnapshot(`
    {
      "args[1]": "must be text, not a number",
      "args[2]": "must be text, not null",
      "colour": "is not known",
      "command": "must be text, not a number",
      "env.C": "must not hold a NUL character",
      "env["A=B"]": "as a name must be 1 to 255 letters, digits and _, not starting with a digit",
      "files.c": "must be text or {"base64": "..."}",
      "files.d.bas64": "is not known: did you mean "base64"?",
      "files.d.base64": "must be base64 with padding, no line breaks",
      "files["../x"]": "as a name must be a relative path without \`..\`, \`.\` or empty parts",
      "files["a b"].base64": "must be base64 with padding, no line breaks",
      "labels["a!"]": "as a name must be 1 to 63 letters, digits and ._/-, starting and ending with a letter or digit",
      "network": "must be 1 to 63 letters a-z, digits and -, with a letter or digit at both ends",
      "output.overflow": "must be one of stop, discard",
      "resources.cpu": "must be written like 1.5, 500m or 50%",
      "resources.memori": "is not known: did you mean "memory"?",
      "resources.memory": "must be text or a number, not true or false",
      "resources.pids": "must be at most 1000000",
      "timeouts.run": "must be written like 90s",
      "workdir": "must be an absolute path",
    }
  `);
});

it.each([undefined, null, [], "text", 7])("refuses %j as a whole", (value) => {
  expect(Object.keys(problemsOf(value))).toEqual(["body"]);
});

it("says what is missing", () => {
  expect(problemsOf({})).toEqual({ command: "is missing: a job has exactly one source" });
});

it("names the part of the request that is not the body", () => {
  const checked = check(
    listJobsQuery,
    { limt: "5", state: "runing", limit: "0", createdAfter: "now" },
    { prefix: "query" },
  );
  expect(checked).toMatchInlineSnapshot(`
    {
      "problems": [
        {
          "field": "query.state[0]",
          "message": "must be one of queued, preparing, running, stopping, succeeded, failed, canceled, lost",
        },
        {
          "field": "query.createdAfter",
          "message": "must be a time like 2026-01-31T12:00:00Z",
        },
        {
          "field": "query.limit",
          "message": "must be at least 1",
        },
        {
          "field": "query.limt",
          "message": "is not known: did you mean "limit"?",
        },
      ],
    }
  `);
});

it("never repeats a value, which may be a secret", () => {
  const shown = JSON.stringify(
    problemsOf({
      command: "x",
      env: { A: 5, B: "s3cret\0" },
      stdin: { base64: "s3cret" },
      labels: { a: ["s3cret"] },
    }),
  );
  expect(shown).not.toContain("s3cret");
});

it("counts names before it looks at any, and looks at everything else", () => {
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`../${index}`, 1]));
  expect(problemsOf({ command: "x", files: many, env: many, labels: many, workdir: "w" })).toEqual({
    files: "must hold at most 1000 names",
    env: "must hold at most 4096 names",
    labels: "must hold at most 64 names",
    workdir: "must be an absolute path",
  });
});

it("lists at most a hundred problems", () => {
  const checked = check(jobSpec, { command: "x", args: Array.from({ length: 5000 }, () => 1) });
  expect("problems" in checked && checked.problems.length).toBe(100);
});

describe("the wording", () => {
  const told = (schema: z.ZodType, value: unknown): string[] => {
    const checked = check(z.object({ x: schema }), { x: value });
    return "problems" in checked ? checked.problems.map(({ message }) => message) : [];
  };

  it.each([
    [z.string(), undefined, "is missing"],
    [z.union([z.string(), z.number()]), undefined, "is missing"],
    [z.string(), null, "must be text, not null"],
    [z.string(), [], "must be text, not a list"],
    [z.string(), {}, "must be text, not an object"],
    [z.string(), 1.5, "must be text, not a fraction"],
    [z.number(), "1", "must be a number, not text"],
    [z.number(), Number.NaN, "must be a number, not a fraction"],
    [z.int(), 1.5, "must be a whole number, not a fraction"],
    [z.boolean(), 1, "must be true or false, not a number"],
    [z.object({}), 1, "must be an object, not a number"],
    [z.record(z.string(), z.string()), true, "must be an object, not true or false"],
    [z.array(z.string()), "a", "must be a list, not text"],
    [z.bigint(), 1, "must be bigint, not a number"],
    [
      z.union([z.string(), z.string().min(3), z.array(z.string())]),
      7,
      "must be text or a list, not a number",
    ],
    [z.union([z.literal("a"), z.literal("b")]), "c", "must be one of the forms that are described, not text"],
    [z.literal("a"), "b", "must be a"],
    [z.enum(["a", "b"]), "c", "must be one of a, b"],
    [z.string().min(1), "", "must not be empty"],
    [z.array(z.string()).min(1), [], "must not be empty"],
    [z.string().min(2), "", "must have at least 2 characters"],
    [z.string().max(1), "ab", "must have at most 1 characters"],
    [z.array(z.string()).min(2), [], "must have at least 2 items"],
    [z.array(z.string()).max(0), [""], "must have at most 0 items"],
    [z.number().min(1), 0, "must be at least 1"],
    [z.int().min(1), 0, "must be at least 1"],
    [z.number().max(1), 2, "must be at most 1"],
    [z.iso.datetime(), "now", "must be a time like 2026-01-31T12:00:00Z"],
  ])("%#: is this house's", (schema, value, message) => expect(told(schema, value)).toEqual([message]));

  it("goes into the one form that fits in its outline", () => {
    const forms = z.union([z.string(), z.object({ a: z.number(), b: z.number() })]);
    const checked = check(z.object({ x: forms }), { x: { a: "1" } });
    expect(checked).toEqual({
      problems: [
        { field: "x.a", message: "must be a number, not text" },
        { field: "x.b", message: "is missing" },
      ],
    });
  });
});

it.each([
  [[], "body"],
  [["a", "b1", "$c", "_d"], "a.b1.$c._d"],
  [["a", 3, "b"], "a[3].b"],
  [["a b"], '["a b"]'],
  [["a", "1b"], 'a["1b"]'],
  [["a", 'q"\n'], 'a["q\\"\\n"]'],
  [["x".repeat(400)], "x".repeat(300)],
])("the field at %j is %j", (path, name) => expect(fieldName(path)).toBe(name));

it("an error names three fields, says how many more there are, and holds them all", () => {
  const problems = ["a", "b", "c", "d", "e"].map((field) => ({ field, message: "is wrong" }));
  expect(requestInvalid(problems)).toMatchObject({
    code: "REQUEST_INVALID",
    message: "Cannot read the request: a is wrong; b is wrong; c is wrong; and 2 more",
    problems,
  });
  expect(requestInvalid(problems.slice(0, 3)).message).toBe(
    "Cannot read the request: a is wrong; b is wrong; c is wrong",
  );
});
