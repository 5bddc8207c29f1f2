import { expect, it } from "vitest";
import { assumedPrincipal, certificateHolder, keyOf, ownNames } from "./principal.ts";

it("tells a name of the REST world from the same name in a certificate", () => {
  expect(keyOf({ name: "ada", roles: ["admin"] })).not.toBe(keyOf({ name: "ada", roles: ["developer"] }));
  expect(keyOf({ name: "ada", roles: ["developer"] })).not.toBe(keyOf({ name: "eve", roles: ["developer"] }));
  expect(keyOf({ name: "ada", roles: ["developer"] })).toBe("developer ada");
});

it("keeps the names of our own principals", () => {
  expect(ownNames).toEqual(["admin", "executor", "server", "anonymous"]);
});

it("takes whoever is not here for the holder of a certificate, but for the administrator", () => {
  expect(certificateHolder("admin")).toEqual({ name: "admin", roles: ["developer"] });
  expect(assumedPrincipal("ada")).toEqual({ name: "ada", roles: ["developer"] });
  expect(assumedPrincipal("admin")).toEqual({ name: "admin", roles: ["admin"] });
});

it("tells who has two roles from who has one of both names", () => {
  expect(keyOf({ name: "ada", roles: ["a", "b"] })).toBe("a+b ada");
});
