import { type Permission, resources, verbs } from "@berth/protocol";
import { describe, expect, it } from "vitest";
import { explain } from "./explain.ts";
import { Policy, type Subject } from "./policy.ts";
import type { Binding, Role, Rule } from "./role.ts";
import type { Target } from "./target.ts";

/** How many random policies are held against the naive model. */
const ROUNDS = 1_000;

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

interface World {
  roles: Role[];
  bindings: Binding[];
}

/** Few words, so that they meet; some are the beginning of another, and some are what JavaScript has a meaning for. */
const names = ["a", "ab", "a-b", "A", "", "__proto__", "constructor", "b"];

function someOf<T>(list: readonly T[], next: (most: number) => number, most: number): T[] {
  return Array.from({ length: next(most + 1) }, () => list[next(list.length)] as T);
}

function randomWorld(next: (most: number) => number): World {
  const rule = (): Rule => ({
    resource: resources[next(2)] ?? "jobs",
    names: next(4) === 0 ? ["*"] : someOf(names, next, 3),
    verbs: someOf(verbs, next, 6),
    ...(next(4) === 0 && { own: true }),
  });
  const roles = names
    .slice(0, 1 + next(6))
    .map((name) => ({ name, rules: Array.from({ length: next(6) }, rule) }));
  const bindings = Array.from({ length: next(16) }, (_, n) => ({
    id: `b${n}`,
    // Some roles are not there.
    role: names[next(names.length)] ?? "a",
    kind: next(2) === 0 ? ("user" as const) : ("group" as const),
    subject: names[next(names.length)] ?? "a",
  }));
  return { roles, bindings };
}

/** The meaning of roles, written down as plainly as can be. */
function naive({ roles, bindings }: World, { user, groups, roles: brought }: Subject) {
  const isBound = ({ kind, subject }: Binding): boolean =>
    kind === "user" ? subject === user : groups.includes(subject);
  const held = new Set([...brought, ...bindings.filter(isBound).map(({ role }) => role)]);
  const rules = roles.filter(({ name }) => held.has(name)).flatMap((role) => role.rules);
  const about = ({ resource, verb }: Permission): Rule[] =>
    rules.filter((rule) => rule.resource === resource && rule.verbs.includes(verb));
  return {
    allows: (permission: Permission, target?: Target): boolean =>
      about(permission).some((rule) => {
        if (rule.own === true) return target === undefined || target.owner === user;
        return (
          rule.names.includes("*") || (target?.called !== undefined && rule.names.includes(target.called))
        );
      }),
    allowsAll: (permission: Permission): boolean =>
      about(permission).some(({ own, names: allowed }) => own !== true && allowed.includes("*")),
    allowsSome: (permission: Permission): boolean =>
      about(permission).some(({ own, names: allowed }) => own === true || allowed.length > 0),
  };
}

function randomTarget(next: (most: number) => number): Target | undefined {
  if (next(4) === 0) return undefined;
  return {
    ...(next(2) === 0 && { owner: names[next(names.length)] ?? "a" }),
    ...(next(2) === 0 && { called: [...names, "*"][next(names.length + 1)] ?? "a" }),
  };
}

it("answers as the naive model does, for every verb of random policies, and says why in the same way", () => {
  const next = numbers(20_261_122);
  let yes = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const world = randomWorld(next);
    const policy = new Policy(world);
    const subject = {
      user: names[next(names.length)] ?? "a",
      groups: someOf(names, next, 3),
      roles: someOf(names, next, 1),
    };
    const model = naive(world, subject);
    const set = policy.rolesOf(subject);
    const target = randomTarget(next);
    const resource = resources[next(3)] ?? "jobs";
    const answers = verbs.map((verb) => {
      const permission = { resource, verb };
      return [
        policy.allows(set, permission, { user: subject.user, target }),
        explain(policy, { subject, permission, target }).allowed,
        policy.allowsAll(set, permission),
        policy.allowsSome(set, permission),
      ];
    });
    const right = verbs.map((verb) => {
      const permission = { resource, verb };
      const allowed = model.allows(permission, target);
      if (allowed) yes += 1;
      return [allowed, allowed, model.allowsAll(permission), model.allowsSome(permission)];
    });
    expect(answers).toEqual(right);
  }
  // A test in which nearly nothing, or nearly everything, is allowed would show little.
  expect(yes / (ROUNDS * verbs.length)).toBeGreaterThan(0.02);
  expect(yes / (ROUNDS * verbs.length)).toBeLessThan(0.9);
});

describe("a name of a rule", () => {
  const rules: Rule[] = [{ resource: "jobs", names: ["team-a"], verbs: ["read"] }];
  const policy = new Policy({ roles: [{ name: "r", rules }] });
  const set = policy.rolesOf({ user: "ann", groups: [], roles: ["r"] });
  const reads = (called: string): boolean =>
    policy.allows(set, { resource: "jobs", verb: "read" }, { user: "ann", target: { called } });

  it("is met letter by letter, and never as a beginning", () => {
    expect(["team-a", "team-a-b", "team-", "TEAM-A", "team-a ", "*", ""].map(reads)).toEqual([
      true,
      ...Array.from({ length: 6 }, () => false),
    ]);
  });
});

describe("two roles that name the same", () => {
  const policy = new Policy({
    roles: [
      { name: "reader", rules: [{ resource: "jobs", names: ["t"], verbs: ["read"] }] },
      { name: "stopper", rules: [{ resource: "jobs", names: ["t"], verbs: ["stop"] }] },
    ],
  });

  it.each([
    { roles: ["reader"], may: ["read"] },
    { roles: ["stopper"], may: ["stop"] },
    { roles: ["reader", "stopper"], may: ["read", "stop"] },
    { roles: [], may: [] },
  ])("give each its own: $roles may $may", ({ roles, may }) => {
    const set = policy.rolesOf({ user: "ann", groups: [], roles });
    const target = { called: "t" };
    const allowed = (verb: Permission["verb"]): boolean =>
      policy.allows(set, { resource: "jobs", verb }, { user: "ann", target });
    expect((["read", "stop"] as const).filter(allowed)).toEqual(may);
  });
});

describe("the reasons", () => {
  const own: Rule = { resource: "jobs", names: ["*"], verbs: ["read"], own: true };
  const named: Rule = { resource: "jobs", names: ["t1"], verbs: ["stop"] };
  const policy = new Policy({
    roles: [
      { name: "mine", rules: [own] },
      { name: "stopper", rules: [named] },
    ],
    bindings: [
      { id: "b1", role: "mine", kind: "user", subject: "ann" },
      { id: "b2", role: "stopper", kind: "group", subject: "ops" },
      { id: "b3", role: "stopper", kind: "group", subject: "ops" },
    ],
  });
  const ann: Subject = { user: "ann", groups: ["ops"], roles: [] };
  const why = (subject: Subject, verb: Permission["verb"], target?: Target) =>
    explain(policy, { subject, permission: { resource: "jobs", verb }, target });

  it("name the rule, its role, and every binding that gives it", () => {
    expect(why(ann, "read", { owner: "ann" })).toEqual({
      allowed: true,
      because: [{ role: "mine", rule: own, via: [{ kind: "user", name: "ann", binding: "b1" }] }],
    });
    expect(why(ann, "stop", { called: "t1", owner: "bob" })).toMatchObject({
      because: [{ via: [{ kind: "group", name: "ops", binding: "b2" }, { binding: "b3" }] }],
    });
  });

  it("name a rule once where running tasks implies what it says", () => {
    const tasks: Rule = { resource: "tasks", names: ["*"], verbs: ["execute"] };
    const runs = new Policy({ roles: [{ name: "runs", rules: [tasks, own] }] });
    const told = (verb: Permission["verb"]) =>
      explain(runs, {
        subject: { user: "ann", groups: [], roles: ["runs"] },
        permission: { resource: "jobs", verb },
      });
    const via = [{ kind: "credential" }];
    expect(told("read")).toEqual({ allowed: true, because: [{ role: "runs", rule: own, via }] });
    const implied = { ...own, verbs: ["list", "stop", "open"] };
    expect(told("stop")).toEqual({ allowed: true, because: [{ role: "runs", rule: implied, via }] });
  });

  it("say what is missing", () => {
    const said = [
      why({ ...ann, user: "eve", groups: [] }, "read"),
      why(ann, "read", { owner: "bob" }),
      why(ann, "stop", { called: "t2" }),
      why(ann, "delete"),
      why({ ...ann, groups: [] }, "delete"),
    ];
    expect(said.map((answer) => (answer.allowed ? "" : answer.missing))).toEqual([
      '"eve" has no role',
      '"ann" may do so to its own only',
      '"ann" may do so to others by name, and not to this',
      'none of the roles of "ann" allows it',
      'role "mine" of "ann" does not allow it',
    ]);
  });
});
