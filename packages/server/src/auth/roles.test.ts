import { expect, it, vi } from "vitest";
import type { Binding, Role } from "../core/access/role.ts";
import { Roles } from "./roles.ts";

const roles: Role[] = [
  { name: "reader", rules: [{ resource: "jobs", names: ["*"], verbs: ["read"] }] },
  { name: "stopper", rules: [{ resource: "jobs", names: ["*"], verbs: ["stop"] }] },
];
const given = (id: string, role: string): Binding => ({ id, role, kind: "user", subject: "ann" });
const only = (...bindings: Binding[]) => ({ roles: [], bindings });
const namesOf = (known: Roles): string[] =>
  known.heldBy({ user: "ann", groups: [], roles: [] }).map(({ role }) => role.name);

it("are those that were given before, and end at once", () => {
  const known = new Roles(roles, { bindings: [given("b1", "reader"), given("b2", "stopper")] });
  expect(namesOf(known)).toEqual(["reader", "stopper"]);
  known.remove("b1");
  known.remove("never was");
  expect([namesOf(known), known.bindings]).toEqual([["stopper"], 1]);
});

it("are as they are stored after they have changed there", async () => {
  const known = new Roles(roles, { bindings: [given("b1", "reader")] });
  await known.reload(async () => only(given("b2", "stopper")));
  expect(namesOf(known)).toEqual(["stopper"]);
});

it("keep out what is removed while the stored ones are read: what was read is older", async () => {
  const known = new Roles(roles);
  let reads = 0;
  await known.reload(async () => {
    reads += 1;
    if (reads > 1) return only();
    known.remove("b1");
    return only(given("b1", "reader"));
  });
  expect([reads, namesOf(known)]).toEqual([2, []]);
});

it("are those of the reading that began last, whichever of two ends first", async () => {
  const known = new Roles(roles);
  const first = Promise.withResolvers<ReturnType<typeof only>>();
  const early = known.reload(() => first.promise);
  await known.reload(async () => only(given("b2", "stopper")));
  first.resolve(only(given("b1", "reader")));
  await early;
  expect(namesOf(known)).toEqual(["stopper"]);
});

it("may be the operator's own, which are as they are stored, and never take the place of one that is built in", async () => {
  const known = new Roles(roles);
  const own: Role = { name: "cleaner", rules: [{ resource: "jobs", names: ["*"], verbs: ["delete"] }] };
  await known.reload(async () => ({ roles: [own], bindings: [given("b1", "cleaner")] }));
  expect([namesOf(known), known.isBuiltIn("cleaner"), known.isBuiltIn("reader")]).toEqual([
    ["cleaner"],
    false,
    true,
  ]);
  await known.reload(async () => only(given("b1", "cleaner")));
  expect(namesOf(known)).toEqual([]);
});

it("are told by what was given to a name and its groups, whatever its credential brings", () => {
  const ofOps: Binding = { id: "b2", role: "stopper", kind: "group", subject: "ops" };
  const known = new Roles(roles, { bindings: [given("b1", "reader"), ofOps] });
  expect(known.namesOf("ann", [])).toEqual(["reader"]);
  expect(known.namesOf("bob", ["ops"])).toEqual(["stopper"]);
  expect(known.namesOf("bob", [])).toEqual([]);
});

it("tell whoever watches when they, or who has them, have changed", async () => {
  const known = new Roles(roles);
  const listener = vi.fn<() => void>();
  known.watch(listener);
  expect(listener).not.toHaveBeenCalled();
  await known.reload(async () => only(given("b1", "reader")));
  known.remove("b1");
  expect(listener).toHaveBeenCalledTimes(2);
});
