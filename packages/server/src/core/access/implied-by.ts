import type { Rule } from "./role.ts";

/** What whoever runs tasks may do with what came of it. */
const ownJobs: Rule = { resource: "jobs", names: ["*"], verbs: ["read", "list", "stop", "open"], own: true };

/** What rules allow beside what they say: to run a task is to see and to stop one's own jobs. */
export function impliedBy(rules: readonly Rule[]): readonly Rule[] {
  const runsTasks = rules.some(
    ({ resource, names, verbs, own }) =>
      resource === "tasks" && verbs.includes("execute") && (own === true || names.length > 0),
  );
  return runsTasks ? [ownJobs] : [];
}
