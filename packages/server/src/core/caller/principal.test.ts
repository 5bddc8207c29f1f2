import { expect, it } from "vitest";
import { keyOf, ownNames } from "./principal.ts";

it("tells a name of the REST world from the same name in a certificate", () => {
  expect(keyOf({ name: "ada", roles: ["admin"] })).not.toBe(keyOf({ name: "ada", roles: ["developer"] }));
  expect(keyOf({ name: "ada", roles: ["developer"] })).not.toBe(keyOf({ name: "eve", roles: ["developer"] }));
  expect(keyOf({ name: "ada", roles: ["developer"] })).toBe("developer ada");
});

it("keeps the names of our own principals", () => {
  expect(ownNames).toEqual(["admin", "executor", "server", "anonymous"]);
});
