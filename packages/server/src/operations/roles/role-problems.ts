import type { Problem } from "@berth/protocol";
import type { Rule } from "../../core/access/role.ts";

/** Of a role: each is laid out in memory, and looked through for an explanation. */
const mostNames = 1000;

/** What is wrong with the rules of a role or a scope, beyond what their form says. */
export function roleProblems(rules: readonly Rule[], field: "rules" | "scope" = "rules"): Problem[] {
  const names = rules.reduce((all, rule) => all + rule.names.length, 0);
  return [
    ...rules.flatMap((rule, at) => ruleProblems(rule, `${field}[${at}]`)),
    ...(names > mostNames ? [{ field, message: `must hold at most ${mostNames} names` }] : []),
  ];
}

function ruleProblems({ names }: Rule, field: string): Problem[] {
  return names.flatMap((name, at) =>
    name !== "*" && name.includes("*")
      ? [
          {
            field: `${field}.names[${at}]`,
            message: "must be `*` or a whole name: rules meet no part of a name",
          },
        ]
      : [],
  );
}
