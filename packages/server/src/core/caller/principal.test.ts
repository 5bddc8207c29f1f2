import { expect, it } from "vitest";
import { keyOf, ownNames } from "./principal.ts";

it("tells a name of the REST world from the same name in a certificate", () => {
  expect(keyOf({ name: "ada", role: "admin" })).not.toBe(keyOf({ name: "ada", role: "user" }));
  expect(keyOf({ name: "ada", role: "user" })).not.toBe(keyOf({ name: "eve", role: "user" }));
  expect(keyOf({ name: "ada", role: "user" })).toBe("user ada");
});

it("keeps the names of our own principals", () => {
  expect(ownNames).toEqual(["admin", "executor"]);
});
