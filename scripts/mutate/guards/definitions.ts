import type { Guard } from "./guard.ts";

const tasks = "packages/server/src/operations/tasks";
const apply = "packages/server/test/task-apply.test.ts";
const inputs = "packages/server/test/task-inputs.test.ts";

/** What files of definitions may change, and what a schema of somebody may be. */
export const definitions: readonly Guard[] = [
  {
    guard: "of what is applied nothing is written where one of it is refused",
    file: `${tasks}/apply/apply-definitions.ts`,
    take: "if (refused !== null) throw refused;",
    leave: "void refused;",
    test: apply,
    title: "none of them is",
  },
  {
    guard: "an input is never checked against the schema of another try",
    file: `${tasks}/apply/drafts.ts`,
    take: "lastDraft -= 1;",
    leave: "",
    test: apply,
    title: "never against one of another try",
  },
  {
    guard: "what is changed by a file asks that one may change it",
    file: `${tasks}/apply/plan-definition.ts`,
    take: "mayRead ? read : update",
    leave: "read",
    test: apply,
    title: "only that it may be read",
  },
  {
    guard: "a schema is held to its dialect",
    file: `${tasks}/validate/compile-schema.ts`,
    take: "void dialect.validateSchema(schema, true);",
    leave: "",
    test: inputs,
    title: "that is none is refused when it is defined",
  },
];
