import { expect, it } from "vitest";
import { rulesOfKriten } from "./role.ts";

/** What may be run by such a role, by resource. */
const runBy = (...args: Parameters<typeof rulesOfKriten>) =>
  rulesOfKriten(...args).flatMap(({ resource, verbs }) => (verbs.includes("execute") ? [resource] : []));

it("lets whoever writes tasks keep them, and run them no more than whoever reads them", () => {
  expect(runBy("tasks", { names: ["*"], level: "write" })).toEqual([]);
  expect(runBy("tasks", { names: ["month"], level: "read" })).toEqual([]);
  expect(rulesOfKriten("tasks", { names: ["month"], level: "write" })).toEqual([
    { resource: "tasks", names: ["month"], verbs: ["read", "list", "create", "update", "delete"] },
  ]);
});

it("lets whoever writes jobs, or everything, run the tasks of these names", () => {
  expect(runBy("jobs", { names: ["month"], level: "write" })).toEqual(["tasks"]);
  expect(runBy("*", { names: ["*"], level: "write" })).toContain("tasks");
});
