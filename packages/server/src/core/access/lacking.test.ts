import { resources, verbs } from "@berth/protocol";
import { expect, it } from "vitest";
import { builtInRoles } from "./built-in-roles.ts";
import { lacking, ruleText } from "./lacking.ts";
import { Policy } from "./policy.ts";
import type { Rule } from "./role.ts";
import type { Target } from "./target.ts";

/** How many random pairs of roles are held against the policy. */
const ROUNDS = 1_000;
const names = ["a", "ab", "A", "__proto__", "constructor"];

/** Numbers below `most` that look random and are the same in every run: the generator called mulberry32. */
function numbers(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % most;
  };
}

const someOf = <T>(list: readonly T[], next: (most: number) => number): T[] =>
  list.filter(() => next(2) === 0);

function randomRule(next: (most: number) => number): Rule {
  return {
    resource: resources[next(2)] ?? "jobs",
    names: next(3) === 0 ? ["*"] : someOf(names, next),
    verbs: someOf(verbs, next),
    ...(next(4) === 0 && { own: true }),
  };
}

const targets: readonly (Target | undefined)[] = [
  undefined,
  { owner: "ann" },
  ...["ann", "bob"].flatMap((owner) => [...names, "another"].map((called) => ({ owner, called }))),
];

/** Something to which the rule speaks, and no other of the rules that speak of less. */
function targetOf({ own, names: [name = ""] }: Rule): Target {
  if (own === true) return { owner: "ann" };
  return { owner: "bob", called: name === "*" ? "another" : name };
}

it("finds nothing where all that is given is held, and else something that the policy allows to one of them alone", () => {
  const next = numbers(20_261_122);
  let covered = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const given = Array.from({ length: next(3) }, () => randomRule(next));
    const held = Array.from({ length: next(12) }, () => randomRule(next));
    const roles = Object.entries({ given, held }).map(([name, rules]) => ({ name, rules }));
    const policy = new Policy({ roles });
    const allows = (
      role: string,
      permission: Pick<Rule, "resource"> & { verb: Rule["verbs"][number] },
      target?: Target,
    ) =>
      policy.allows(policy.rolesOf({ user: "ann", groups: [], roles: [role] }), permission, {
        user: "ann",
        target,
      });
    const found = lacking(held, given);
    if (found === null) covered += 1;
    const onlyGiven = [...given, ...(found === null ? [] : [found])].flatMap((rule) =>
      rule.verbs.flatMap((verb) =>
        [...targets, targetOf(rule)].filter((target) => {
          const asked = [{ resource: rule.resource, verb }, target] as const;
          return allows("given", ...asked) && !allows("held", ...asked);
        }),
      ),
    );
    expect([found, onlyGiven.length > 0]).toEqual([found, found !== null]);
    // What is named is lacking whole, verb by verb.
    const wrong = (found?.verbs ?? []).filter((verb) => {
      const asked = [
        { resource: found?.resource ?? "jobs", verb },
        found === null ? undefined : targetOf(found),
      ] as const;
      return !allows("given", ...asked) || allows("held", ...asked);
    });
    expect(wrong).toEqual([]);
  }
  // A test in which nearly all, or nearly nothing, is held would show little.
  expect(covered / ROUNDS).toBeGreaterThan(0.1);
  expect(covered / ROUNDS).toBeLessThan(0.9);
});

it("lets administrators give every role there is, and nobody else theirs", () => {
  const admin = builtInRoles.find(({ name }) => name === "admin")?.rules ?? [];
  for (const { name, rules } of builtInRoles) {
    expect(lacking(admin, rules)).toBeNull();
    expect(lacking(rules, rules)).toBeNull();
    expect([name, lacking(rules, admin) === null]).toEqual([name, name === "admin"]);
  }
});

it("says a rule as it is written", () => {
  expect(ruleText({ resource: "jobs", names: ["a", "b"], verbs: ["read", "list"] })).toBe(
    "read,list jobs a,b",
  );
  expect(ruleText({ resource: "jobs", names: ["*"], verbs: ["read"], own: true })).toBe(
    "read jobs of one's own",
  );
});
