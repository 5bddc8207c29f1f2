import type { Binding, Group, Role } from "@berth/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiBench } from "./support/api-bench.ts";

let api: ApiBench;
beforeEach(async () => {
  api = await ApiBench.open();
  await as("root", "POST /api/v1/users", { name: "ann", roles: [] });
});
afterEach(() => api[Symbol.asyncDispose]());

type Who = "root" | "ann" | "bob";
const as = (who: Who, request: string, body?: unknown) => api.call(request, { as: who, body });
const codeOf = (answer: { body: unknown }) => (answer.body as { code?: string } | null)?.code;
const submit = async (who: Who = "ann") => (await as(who, "POST /api/v1/jobs", { command: "true" })).status;

describe("a group", () => {
  it("gives what was given to it to whoever is in it, from the next request on, and explains by it", async () => {
    expect((await as("root", "POST /api/v1/groups", { name: "Ops" })).status).toBe(201);
    const bound = await as("root", "POST /api/v1/bindings", { role: "developer", group: "OPS" });
    expect(bound.body).toMatchObject({ role: "developer", group: "ops" });
    expect(await submit()).toBe(403);
    const added = await as("root", "PUT /api/v1/groups/ops/members/ANN");
    expect((added.body as Group).members).toEqual([{ user: "ann", source: "local" }]);
    expect(await submit()).toBe(201);
    expect((await as("ann", "GET /api/v1/whoami")).body).toMatchObject({
      groups: ["ops"],
      roles: ["developer", "self"],
    });
    const question = "GET /api/v1/access/explain?verb=create&resource=jobs&principal=ann";
    expect((await as("root", question)).body).toMatchObject({
      allowed: true,
      because: [
        { role: "developer", via: [{ kind: "group", name: "ops", binding: (bound.body as Binding).id }] },
      ],
    });
    const seen = (await as("ann", "GET /api/v1/bindings")).body as { items: Binding[] };
    expect(seen.items).toEqual([bound.body]);
    await as("root", "DELETE /api/v1/groups/ops/members/ann");
    expect(await submit()).toBe(403);
  });

  it("that is deleted leaves nothing to another of its name", async () => {
    await as("root", "POST /api/v1/groups", { name: "ops" });
    await as("root", "POST /api/v1/bindings", { role: "developer", group: "ops" });
    await as("root", "PUT /api/v1/groups/ops/members/ann");
    expect((await as("root", "DELETE /api/v1/groups/Ops")).status).toBe(204);
    expect(await submit()).toBe(403);
    await as("root", "POST /api/v1/groups", { name: "ops" });
    await as("root", "PUT /api/v1/groups/ops/members/ann");
    expect(await submit()).toBe(403);
  });

  it("keeps whom a provider put there, until that says otherwise", async () => {
    const { signIn, accounts, store } = api.context;
    await as("root", "POST /api/v1/groups", { name: "ops" });
    await as("root", "POST /api/v1/bindings", { role: "developer", group: "ops" });
    const proven = { subject: "S-1", name: "Zoe", display: null, groups: ["OPS", "\u202ex", "Staff"] };
    const zoe = await signIn.accountOf("corp", proven);
    expect([zoe.name, accounts.find("zoe")?.id]).toEqual(["Zoe", zoe.id]);
    expect(api.context.groups.of("Zoe")).toEqual(["ops", "staff"]);
    const shown = (await as("root", "GET /api/v1/groups/ops")).body as Group;
    expect(shown.members).toEqual([{ user: "Zoe", source: "corp" }]);
    await as("root", "DELETE /api/v1/groups/ops/members/zoe");
    expect(api.context.groups.of("Zoe")).toEqual(["ops", "staff"]);
    await signIn.accountOf("corp", { ...proven, groups: [] });
    expect([api.context.groups.of("Zoe"), await store.groups.memberships()]).toEqual([[], []]);
    for (const name of ["ann", "ADMIN", "\u202ex"])
      await expect(signIn.accountOf("corp", { ...proven, subject: "S-2", name })).rejects.toMatchObject({
        code: "IDENTITY_NOT_LINKED",
      });
  });

  it("is not there where nobody made it, nor for who is nobody", async () => {
    for (const request of [
      "GET /api/v1/groups/x",
      "DELETE /api/v1/groups/x",
      "PUT /api/v1/groups/x/members/ann",
    ])
      expect(codeOf(await as("root", request))).toBe("GROUP_NOT_FOUND");
    await as("root", "POST /api/v1/groups", { name: "ops" });
    expect(codeOf(await as("root", "PUT /api/v1/groups/ops/members/nobody"))).toBe("USER_NOT_FOUND");
    expect(codeOf(await as("root", "POST /api/v1/groups", { name: "OPS" }))).toBe("NAME_TAKEN");
    expect(codeOf(await as("root", "POST /api/v1/groups", { name: "\u202eops" }))).toBe("REQUEST_INVALID");
    for (const body of [{ role: "viewer" }, { role: "viewer", user: "ann", group: "ops" }])
      expect(codeOf(await as("root", "POST /api/v1/bindings", body))).toBe("REQUEST_INVALID");
  });
});

describe("a role of one's own", () => {
  const make = (name: string, rules: unknown) => as("root", "POST /api/v1/roles", { name, rules });
  const rule = (verbs: string[], resource: string, names: string[]) => ({ verbs, resource, names });

  it("allows what it says to whoever has it, changes for all of them, and stays while somebody has it", async () => {
    const made = await make("watcher", [rule(["read", "list"], "jobs", ["*"])]);
    expect([made.status, made.body]).toMatchObject([201, { name: "watcher", builtIn: false }]);
    const bound = (await as("root", "POST /api/v1/bindings", { role: "watcher", user: "ann" }))
      .body as Binding;
    const { id } = await api.jobOf("succeeded", { owner: "bob" });
    const seen = async () => (await as("ann", `GET /api/v1/jobs/${id}`)).status;
    expect(await seen()).toBe(200);
    expect(codeOf(await as("root", "DELETE /api/v1/roles/watcher"))).toBe("ROLE_IN_USE");
    const changed = await as("root", "PUT /api/v1/roles/watcher", { rules: [rule(["list"], "jobs", ["*"])] });
    expect(changed.status).toBe(200);
    expect(await seen()).toBe(403);
    await as("root", `DELETE /api/v1/bindings/${bound.id}`);
    expect((await as("root", "DELETE /api/v1/roles/watcher")).status).toBe(204);
    expect(codeOf(await as("root", "GET /api/v1/roles/watcher"))).toBe("ROLE_NOT_FOUND");
  });

  it("meets names whole, never as a beginning", async () => {
    await make("team", [rule(["read"], "groups", ["team-a"])]);
    await as("root", "POST /api/v1/bindings", { role: "team", user: "ann" });
    for (const name of ["team-a", "team-a-b", "team"]) await as("root", "POST /api/v1/groups", { name });
    const statuses = await Promise.all(
      ["team-a", "team-a-b", "team"].map(
        async (name) => (await as("ann", `GET /api/v1/groups/${name}`)).status,
      ),
    );
    expect(statuses).toEqual([200, 403, 403]);
  });

  it.each([
    ["admin", [], "NAME_TAKEN"],
    ["self", [], "NAME_TAKEN"],
    ["Watcher", [], "REQUEST_INVALID"],
    ["../x", [], "REQUEST_INVALID"],
    ["a", [rule(["read"], "jobs", ["team-*"])], "REQUEST_INVALID"],
    ["a", [rule(["eat"], "jobs", ["*"])], "REQUEST_INVALID"],
    ["a", [rule(["read"], "cakes", ["*"])], "REQUEST_INVALID"],
    ["a", [{ ...rule(["read"], "jobs", ["*"]), own: true }], "REQUEST_INVALID"],
    [
      "a",
      [1, 2].map(() =>
        rule(
          ["read"],
          "jobs",
          Array.from({ length: 600 }, (_, n) => `n${n}`),
        ),
      ),
      "REQUEST_INVALID",
    ],
  ])("is not made as %j with %j", async (name, rules, code) => {
    expect(codeOf(await make(name, rules))).toBe(code);
  });

  it("does not change one that is built in", async () => {
    expect(codeOf(await as("root", "PUT /api/v1/roles/viewer", { rules: [] }))).toBe("BUILT_IN");
    expect(codeOf(await as("root", "DELETE /api/v1/roles/viewer"))).toBe("BUILT_IN");
    expect(((await as("ann", "GET /api/v1/roles/viewer")).body as Role).builtIn).toBe(true);
  });
});
