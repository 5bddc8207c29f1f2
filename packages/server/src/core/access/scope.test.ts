import { describe, expect, it } from "vitest";
import { explain } from "./explain.ts";
import { Policy } from "./policy.ts";
import type { Rule } from "./role.ts";
import { common, Scope } from "./scope.ts";

const readOf = (...names: string[]): Rule => ({ resource: "jobs", names, verbs: ["read", "list"] });
const own: Rule = { resource: "jobs", names: ["*"], verbs: ["read", "stop"], own: true };
const read = { resource: "jobs", verb: "read" } as const;

describe("the scope of a token", () => {
  it("allows what its rules say, and to ask who one is", () => {
    const scope = Scope.of([readOf("*")]);
    expect(scope.allows(read, { user: "ann", target: { owner: "bob" } })).toBe(true);
    expect([scope.allowsSome(read), scope.allowsAll(read)]).toEqual([true, true]);
    const self = { resource: "access", verb: "read" } as const;
    expect(scope.allows(self, { user: "ann", target: { owner: "ann" } })).toBe(true);
    expect(scope.allows(self, { user: "ann", target: { owner: "bob" } })).toBe(false);
    expect(scope.allowsSome({ resource: "access", verb: "update" })).toBe(false);
  });

  it("allows nothing else", () => {
    const scope = Scope.of([readOf("nightly"), own]);
    expect(scope.allowsSome({ resource: "jobs", verb: "delete" })).toBe(false);
    expect([scope.allowsSome(read), scope.allowsAll(read)]).toEqual([true, false]);
    const asked = (target: object) => scope.allows(read, { user: "ann", target });
    expect([asked({ called: "nightly" }), asked({ called: "daily" }), asked({ owner: "ann" })]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it("is laid out once for the rules of one token", () => {
    const rules = [own];
    expect(Scope.of(rules)).toBe(Scope.of(rules));
    expect(Scope.of(rules)).not.toBe(Scope.of([own]));
  });

  it("is told as the reason where roles would allow it", () => {
    const policy = new Policy({ roles: [{ name: "reader", rules: [readOf("*")] }] });
    const subject = { user: "ann", groups: [], roles: ["reader"] };
    const asked = (scope: Scope | null) => explain(policy, { subject, permission: read, scope });
    expect(asked(Scope.of([]))).toEqual({
      allowed: false,
      missing: "the scope of the token does not allow it",
    });
    expect([asked(Scope.of([readOf("*")])), asked(null)]).toMatchObject([
      { allowed: true },
      { allowed: true },
    ]);
    const stop = { resource: "jobs", verb: "stop" } as const;
    expect(explain(policy, { subject, permission: stop, scope: Scope.of([]) })).toEqual({
      allowed: false,
      missing: 'role "reader" of "ann" does not allow it',
    });
  });
});

describe("what two lists of rules both allow", () => {
  it.each<[string, Rule, Rule, Rule[]]>([
    ["the names of the narrower", readOf("*"), readOf("a", "b"), [readOf("a", "b")]],
    ["the names of the narrower, from the other side", readOf("a"), readOf("*"), [readOf("a")]],
    ["all where both say so", readOf("*"), readOf("*", "a"), [readOf("*")]],
    ["the names that both have", readOf("a", "b"), readOf("b", "c"), [readOf("b")]],
    ["nothing without such a name", readOf("a"), readOf("b"), []],
    ["nothing of another resource", readOf("*"), { ...readOf("*"), resource: "tasks" }, []],
    ["the verbs that both have, of one's own", readOf("*"), own, [{ ...own, verbs: ["read"] }]],
    ["one's own, from the other side", own, readOf("*"), [{ ...own, verbs: ["read"] }]],
    ["one's own where it is called so", own, readOf("a"), [{ ...own, verbs: ["read"] }]],
    ["one's own of both", own, own, [own]],
    ["nothing without such a verb", own, { ...readOf("*"), verbs: ["list"] }, []],
  ])("is %s", (_what, one, other, both) => {
    expect(common([one], [other])).toEqual(both);
  });

  it("is what each of the one has with each of the other", () => {
    expect(common([readOf("a"), own], [readOf("*"), { ...own, verbs: ["stop"] }])).toEqual([
      readOf("a"),
      { ...own, verbs: ["read"] },
      { ...own, verbs: ["stop"] },
    ]);
    expect(common([], [own])).toEqual([]);
  });
});
