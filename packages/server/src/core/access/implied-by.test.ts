import { expect, it } from "vitest";
import { impliedBy } from "./implied-by.ts";
import type { Rule } from "./role.ts";

const runs: Rule = { resource: "tasks", names: ["nightly"], verbs: ["execute"] };
const ownJobs: Rule = { resource: "jobs", names: ["*"], verbs: ["read", "list", "stop", "open"], own: true };

it.each<[string, Rule]>([
  ["by its name", runs],
  ["of all", { ...runs, names: ["*"] }],
  ["of one's own", { ...runs, names: [], own: true }],
])("whoever may run a task %s sees and stops what came of it", (_what, rule) => {
  expect(impliedBy([rule])).toEqual([ownJobs]);
});

it.each<[string, Rule]>([
  ["no task at all", { ...runs, names: [] }],
  ["what is only seen", { ...runs, verbs: ["read"] }],
  ["a runner", { ...runs, resource: "runners" }],
])("nothing is implied by %s", (_what, rule) => {
  expect(impliedBy([rule])).toEqual([]);
});

it("nothing is implied that rules say anyway", () => {
  const says = (rule: Partial<Rule>) =>
    impliedBy([runs, { resource: "jobs", names: [], verbs: ["read", "stop"], ...rule }]);
  expect(says({ own: true })).toEqual([{ ...ownJobs, verbs: ["list", "open"] }]);
  expect(says({ names: ["*"] })).toEqual([{ ...ownJobs, verbs: ["list", "open"] }]);
  expect(says({ names: ["nightly"] })).toEqual([ownJobs]);
  expect(says({ names: ["*"], resource: "uploads" })).toEqual([ownJobs]);
  expect(impliedBy([runs, ownJobs])).toEqual([]);
});
