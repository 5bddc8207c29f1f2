import type { Permission } from "@berth/protocol";
import { expect, it } from "vitest";
import { authorize } from "./authorize.ts";

const allowed = (
  role: "admin" | "user",
  resource: Permission["resource"],
  verb: Permission["verb"],
): boolean => {
  try {
    authorize({ name: "ann", role }, { resource, verb });
    return true;
  } catch {
    return false;
  }
};

it.each([
  ["admin", "jobs", "CRUD"],
  ["admin", "engines", "CRUD"],
  ["admin", "server", "CRUD"],
  ["user", "jobs", "CRUD"],
  ["user", "engines", "R"],
  ["user", "server", ""],
] as const)("lets role %s do with %s: %s", (role, resource, expected) => {
  const verbs = { C: "create", R: "read", U: "update", D: "delete" } as const;
  const granted = Object.entries(verbs).filter(([, verb]) => allowed(role, resource, verb));
  expect(granted.map(([letter]) => letter).join("")).toBe(expected);
});

it("says which role does not allow what", () => {
  expect(() => authorize({ name: "ann", role: "user" }, { resource: "server", verb: "read" })).toThrow(
    'Cannot read server: role "user" of "ann" does not allow it',
  );
});
