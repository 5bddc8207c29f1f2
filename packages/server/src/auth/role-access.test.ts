import type { Permission } from "@berth/protocol";
import { describe, expect, it } from "vitest";
import { sampleCaller } from "../../test/support/sample-caller.ts";
import { roleAccess } from "./role-access.ts";

const callerOf = (role: "admin" | "user", name = "ann") => sampleCaller({ principal: { name, role } });
const toRead: Permission = { resource: "jobs", verb: "read" };
const toReadServer: Permission = { resource: "server", verb: "read" };

describe("what a role may do at all", () => {
  it.each([
    ["admin", "jobs", "CRUD"],
    ["admin", "certificates", "CRUD"],
    ["admin", "engines", "CRUD"],
    ["admin", "server", "CRUD"],
    ["user", "jobs", "CRUD"],
    ["user", "certificates", "CRU"],
    ["user", "engines", "R"],
    ["user", "server", ""],
  ] as const)("of %s with %s is %s", async (role, resource, expected) => {
    const verbs = { C: "create", R: "read", U: "update", D: "delete" } as const;
    let granted = "";
    for (const [letter, verb] of Object.entries(verbs)) {
      const caller = callerOf(role);
      const asked = [
        roleAccess.demand(caller, { resource, verb }),
        roleAccess.enter(caller, { resource, verb }),
      ];
      const answers = await Promise.allSettled(asked);
      expect(new Set(answers.map(({ status }) => status)).size).toBe(1);
      if (answers[0]?.status === "fulfilled") granted += letter;
    }
    expect(granted).toBe(expected);
  });

  it("is named where it does not suffice", async () => {
    await expect(roleAccess.demand(callerOf("user"), toReadServer)).rejects.toMatchObject({
      code: "FORBIDDEN",
      message: 'Cannot read server: role "user" of "ann" does not allow it',
    });
  });
});

describe("what belongs to somebody", () => {
  it.each(["an", "ann-b", "Ann", "", "bob"])("is not for a user of another name: %j", async (name) => {
    expect(await roleAccess.allows(callerOf("user", name), toRead, { owner: "ann" })).toBe(false);
    expect(await roleAccess.allows(callerOf("user", "ann"), toRead, { owner: name })).toBe(false);
    await expect(roleAccess.demand(callerOf("user", name), toRead, { owner: "ann" })).rejects.toMatchObject({
      code: "FORBIDDEN",
      message: `Cannot read jobs: "${name}" may do so to its own only`,
    });
  });

  it("is for its owner and for administrators", async () => {
    for (const caller of [callerOf("user", "ann"), callerOf("admin", "root")]) {
      expect(await roleAccess.allows(caller, toRead, { owner: "ann" })).toBe(true);
      await expect(roleAccess.demand(caller, toRead, { owner: "ann" })).resolves.toBeUndefined();
    }
  });

  it("is not even for its owner where the role does not allow it", async () => {
    expect(await roleAccess.allows(callerOf("user"), toReadServer, { owner: "ann" })).toBe(false);
  });
});

describe("a list", () => {
  it("shows users their own, administrators all, and nothing to whom may not read", async () => {
    expect(await roleAccess.listed(callerOf("user"), toRead)).toBe("ann");
    expect(await roleAccess.listed(callerOf("admin"), toRead)).toBeNull();
    await expect(roleAccess.listed(callerOf("user"), toReadServer)).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
  });
});
