import type { Verb } from "./permission.ts";
import type { Rule } from "./role.ts";

/** What whoever runs tasks may do with what came of it. */
const ownJobs = {
  resource: "jobs",
  names: ["*"],
  verbs: ["read", "list", "stop", "open"],
  own: true,
} as const satisfies Rule;

/** What rules allow beside what they say, and nothing that they say: to run a task is to see and to stop one's own jobs. */
export function impliedBy(rules: readonly Rule[]): readonly Rule[] {
  const runsTasks = rules.some(
    ({ resource, names, verbs, own }) =>
      resource === "tasks" && verbs.includes("execute") && (own === true || names.length > 0),
  );
  if (!runsTasks) return [];
  const verbs = ownJobs.verbs.filter((verb) => !rules.some((rule) => saysOfOwnJobs(rule, verb)));
  return verbs.length === 0 ? [] : [{ ...ownJobs, verbs }];
}

function saysOfOwnJobs({ resource, names, verbs, own }: Rule, verb: Verb): boolean {
  return resource === "jobs" && verbs.includes(verb) && (own === true || names.includes("*"));
}
