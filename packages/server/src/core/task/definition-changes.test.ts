import { expect, it } from "vitest";
import { definitionChanges } from "./definition-changes.ts";

const spec = {
  runner: "r",
  command: "report --month",
  secrets: [{ name: "db", keys: ["password"] }],
  input: { type: "object", properties: { month: { type: "string", maxLength: 7 } } },
};

it("tells of a definition that comes or goes what it says", () => {
  const said = Object.entries(spec).map(([field, value]) => ({ field, value }));
  expect(definitionChanges(null, spec)).toEqual(
    said.map(({ field, value }) => ({ field, before: null, after: value })),
  );
  expect(definitionChanges(spec, null)).toEqual(
    said.map(({ field, value }) => ({ field, before: value, after: null })),
  );
});

it("tells each field that a change changes, those of a schema one by one", () => {
  const input = {
    type: "object",
    properties: { month: { type: "string", maxLength: 9 }, "a.b": { default: 1 } },
  };
  expect(definitionChanges(spec, { ...spec, command: ["report"], input })).toEqual([
    { field: "command", before: "report --month", after: ["report"] },
    { field: "input.properties.month.maxLength", before: 7, after: 9 },
    { field: "input.properties.a.b", before: null, after: { default: 1 } },
  ]);
});

it.each([
  ["is called so", { db_password: { default: "hunter2", maxLength: 9 } }, "db_password"],
  ["is called so, among what it may be", { apiKey: { enum: ["hunter2"], maxLength: 9 } }, "apiKey"],
  ["lies below one that is", { tokens: { properties: { a: { const: "hunter2" } }, maxLength: 9 } }, "tokens"],
  ["is only written", { pin: { writeOnly: true, examples: ["hunter2"], maxLength: 9 } }, "pin"],
  ["is a password by its format", { pin: { format: "password", default: ["hunter2"], maxLength: 9 } }, "pin"],
])("tells that the value of an input has changed that %s, and not what it is", (_, properties, name) => {
  const of = (inside: object): object => ({ ...spec, input: { properties: inside } });
  for (const made of [definitionChanges(null, of(properties)), definitionChanges(of({}), of(properties))]) {
    expect(JSON.stringify(made)).not.toContain("hunter2");
    expect(JSON.stringify(made)).toContain('"maxLength":9');
    expect(JSON.stringify(made)).toContain("************");
  }
  const other = JSON.parse(JSON.stringify(properties).replace("hunter2", "hunter3")) as object;
  const changed = definitionChanges(of(properties), of(other));
  expect(changed).toHaveLength(1);
  expect(changed[0]?.field).toContain(`input.properties.${name}.`);
  expect(JSON.stringify(changed)).not.toMatch(/hunter\d/);
});

it("tells of very many fields the first, and that there are more", () => {
  const fields = (value: number): object =>
    Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`f${n}`, { maximum: value }]));
  const changes = definitionChanges({ input: fields(1) }, { input: fields(2) });
  expect(changes).toHaveLength(101);
  expect(changes.at(-1)).toMatchObject({
    field: "(50 more)",
    before: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
  });
});
