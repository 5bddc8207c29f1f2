import { expect, it } from "vitest";
import { taskPart } from "./task-operation.ts";

const usual = {
  parameters: [
    { name: "name", in: "path" },
    { name: "wait", in: "query" },
  ],
  tags: ["tasks"],
};

it("is an operation of its own, with the schema as its body, which refers to itself within the document", () => {
  const input = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $defs: { n: { type: "integer" } },
    required: ["a"],
    properties: {
      a: { $ref: "#/$defs/n" },
      again: { $ref: "#" },
      // A field, and a value, of that name are no references.
      $ref: { type: "string", default: "#/x" },
      c: { const: { $ref: "#/y" } },
    },
  };
  const part = taskPart(usual, { name: "monthly-report", spec: { description: "A month", input } });
  expect(part.path).toBe("/api/v1/tasks/monthly-report/run");
  expect(part.schema).toEqual({
    $defs: { n: { type: "integer" } },
    required: ["a"],
    properties: {
      a: { $ref: "#/components/schemas/TaskInput_monthly-report/$defs/n" },
      again: { $ref: "#/components/schemas/TaskInput_monthly-report" },
      $ref: { type: "string", default: "#/x" },
      c: { const: { $ref: "#/y" } },
    },
  });
  expect(part.item).toMatchObject({
    post: {
      operationId: "run_monthly-report",
      summary: "A month",
      tags: ["tasks"],
      parameters: [{ name: "wait" }],
      "x-permission": { resource: "tasks", name: "monthly-report", verb: "execute" },
      requestBody: {
        required: true,
        content: {
          "application/json": { schema: { $ref: "#/components/schemas/TaskInput_monthly-report" } },
        },
      },
    },
  });
});

it("takes anything where the task says nothing, or what only a reader of schemas can tell", () => {
  const plain = taskPart(usual, { name: "plain", spec: {} });
  expect(plain.item).toMatchObject({ post: { requestBody: { required: false } } });
  const named = taskPart(usual, { name: "named", spec: { input: { $defs: { a: { $anchor: "b" } } } } });
  expect(Object.keys(named.schema)).toEqual(["description"]);
});
