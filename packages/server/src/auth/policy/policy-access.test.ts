import { resources, type Permission } from "@berth/protocol";
import { describe, expect, it } from "vitest";
import { builtInAccess } from "../../../test/support/built-in-access.ts";
import { expectedRights, verbOf } from "../../../test/support/expected-rights.ts";
import { sampleCaller } from "../../../test/support/sample-caller.ts";
import { policyAccess } from "./policy-access.ts";
import { Roles } from "../roles.ts";
import { builtInRoles } from "../../core/access/built-in-roles.ts";
import type { Caller } from "../../core/caller/caller.ts";

const callerOf = (role: string, name = "ann"): Caller =>
  sampleCaller({ principal: { name, roles: role === "" ? [] : [role] } });
const toRead: Permission = { resource: "jobs", verb: "read" };
const toReadServer: Permission = { resource: "server", verb: "read" };

function sorted(letters: string): string {
  return letters.split("").toSorted().join("");
}

describe("what a role may do", () => {
  it.each(
    Object.keys(expectedRights).flatMap((role) => resources.map((resource) => [role, resource] as const)),
  )("of %j with %s is what the table says, to its own and to others'", async (role, resource) => {
    let granted = "";
    for (const [letter, verb] of Object.entries(verbOf)) {
      const caller = callerOf(role);
      const asked = [
        builtInAccess.demand(caller, { resource, verb }),
        builtInAccess.enter(caller, { resource, verb }),
      ];
      const answers = await Promise.allSettled(asked);
      expect(new Set(answers.map(({ status }) => status)).size).toBe(1);
      const [own, others] = await Promise.all([
        builtInAccess.allows(caller, { resource, verb }, { owner: "ann" }),
        builtInAccess.allows(caller, { resource, verb }, { owner: "bob" }),
      ]);
      expect(own).toBe(answers[0]?.status === "fulfilled");
      if (others) granted += letter;
      else if (own) granted += letter.toLowerCase();
    }
    expect(sorted(granted)).toBe(sorted(expectedRights[role]?.[resource] ?? ""));
  });

  it("is named where it does not suffice", async () => {
    await expect(builtInAccess.demand(callerOf("developer"), toReadServer)).rejects.toMatchObject({
      code: "FORBIDDEN",
      message: 'Cannot read server: role "developer" of "ann" does not allow it',
    });
    await expect(builtInAccess.enter(callerOf(""), toRead)).rejects.toMatchObject({
      code: "FORBIDDEN",
      message: 'Cannot read jobs: "ann" has no role',
    });
  });
});

it("tells whose token does not allow what the roles do which rule its scope lacks", async () => {
  const caller = {
    ...callerOf("developer"),
    scope: [{ resource: "jobs", names: ["*"], verbs: ["list"] }],
  } as const;
  await expect(builtInAccess.demand(caller, toRead)).rejects.toMatchObject({
    code: "FORBIDDEN",
    message: "Cannot read jobs: the scope of the token does not allow it",
    fix: "Use a token whose scope has 'read jobs *', or one without a scope: see `berth token create --help`",
  });
});

describe("what belongs to somebody", () => {
  it.each(["an", "ann-b", "Ann", "", "bob"])("is not for a developer of another name: %j", async (name) => {
    const ann = callerOf("developer");
    const other = callerOf("developer", name);
    expect(await builtInAccess.allows(other, toRead, { owner: "ann" })).toBe(false);
    expect(await builtInAccess.allows(ann, toRead, { owner: name })).toBe(false);
    await expect(builtInAccess.demand(other, toRead, { owner: "ann" })).rejects.toMatchObject({
      code: "FORBIDDEN",
      message: `Cannot read jobs: "${name}" may do so to its own only`,
    });
  });

  it("is for its owner and for administrators", async () => {
    for (const caller of [callerOf("developer"), callerOf("admin", "root")]) {
      expect(await builtInAccess.allows(caller, toRead, { owner: "ann" })).toBe(true);
      await expect(builtInAccess.demand(caller, toRead, { owner: "ann" })).resolves.toBeUndefined();
    }
  });

  it("is not even for its owner where the role does not allow it", async () => {
    expect(await builtInAccess.allows(callerOf("developer"), toReadServer, { owner: "ann" })).toBe(false);
  });
});

describe("a list", () => {
  it("shows developers their own, administrators all, and nothing to whom may not list", async () => {
    const toList: Permission = { resource: "jobs", verb: "list" };
    expect(await builtInAccess.listed(callerOf("developer"), toList)).toBe("ann");
    expect(await builtInAccess.listed(callerOf("admin"), toList)).toBeNull();
    await expect(
      builtInAccess.listed(callerOf("developer"), { resource: "server", verb: "list" }),
    ).rejects.toMatchObject({ code: "FORBIDDEN" });
  });
});

it("takes for keepers of the server whoever may do everything to it, by role and not by name", () => {
  const { isKeeper } = builtInAccess;
  const roles = ["admin", "operator", "developer", "auditor"];
  expect(roles.map((role) => isKeeper({ name: "admin", roles: [role] }))).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

it("decides by the roles of now, also for a caller that has asked before", async () => {
  const roles = new Roles(builtInRoles);
  const access = policyAccess(roles);
  const ann = callerOf("developer");
  expect(await access.allows(ann, toRead, { owner: "bob" })).toBe(false);
  await roles.reload(async () => ({
    roles: [],
    bindings: [{ id: "b1", role: "viewer", kind: "user", subject: "ann" }],
  }));
  expect(await access.allows(ann, toRead, { owner: "bob" })).toBe(true);
  roles.remove("b1");
  expect(await access.allows(ann, toRead, { owner: "bob" })).toBe(false);
});
