import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newId } from "../src/lib/ids.ts";
import { createBinding } from "../src/operations/roles/create-binding.ts";
import { deleteBinding } from "../src/operations/roles/delete-binding.ts";
import { givenRoles } from "../src/auth/roles.ts";
import { ApiBench, type Caller } from "./support/api-bench.ts";
import { sampleCaller } from "./support/sample-caller.ts";

let api: ApiBench;
beforeEach(async () => {
  api = await ApiBench.open();
});
afterEach(() => api[Symbol.asyncDispose]());

const bind = (role: string, user: string, as: Caller = "root") =>
  api.call("POST /api/v1/bindings", { as, body: { role, user } });
const listed = async (what: string, as: Caller): Promise<Record<string, unknown>[]> =>
  ((await api.call(`GET /api/v1/${what}`, { as })).body as { items: Record<string, unknown>[] }).items;
const explained = (query: string, as: Caller = "ann") =>
  api.call(`GET /api/v1/access/explain?${query}`, { as });

describe("a binding", () => {
  it("gives a role from the next request on, is there once, and takes the role back with it", async () => {
    const job = await api.jobOf("running");
    expect((await api.call(`GET /api/v1/jobs/${job.id}`, { as: "bob" })).status).toBe(404);
    const made = await bind("viewer", "bob");
    expect(made).toMatchObject({ status: 201, body: { role: "viewer", user: "bob" } });
    expect((await bind("viewer", "bob")).body).toEqual(made.body);
    expect((await api.call(`GET /api/v1/jobs/${job.id}`, { as: "bob" })).status).toBe(200);
    expect((await listed("jobs", "bob")).map(({ id }) => id)).toEqual([job.id]);
    expect((await api.call(`POST /api/v1/jobs/${job.id}/stop`, { as: "bob", body: {} })).status).toBe(403);
    const { id } = made.body as { id: string };
    expect((await api.call(`DELETE /api/v1/bindings/${id}`, { as: "root" })).status).toBe(204);
    expect((await api.call(`GET /api/v1/jobs/${job.id}`, { as: "bob" })).status).toBe(404);
    expect(await listed("jobs", "bob")).toEqual([]);
    expect(await api.call(`DELETE /api/v1/bindings/${id}`, { as: "root" })).toMatchObject({
      status: 404,
      body: { code: "BINDING_NOT_FOUND" },
    });
  });

  it.each(["an", "ann-b"] as const)(
    "ABUSE 27: is not for %s, whose name is nearly that of whom it is for",
    async (as) => {
      await bind("viewer", "ann");
      const job = await api.jobOf("running", { owner: "root" });
      expect((await api.call(`GET /api/v1/jobs/${job.id}`, { as: "ann" })).status).toBe(200);
      expect((await api.call(`GET /api/v1/jobs/${job.id}`, { as })).status).toBe(404);
    },
  );

  it("shows an auditor nothing of others' jobs, in a list as little as one by one", async () => {
    const { id } = await api.jobOf("running", { owner: "ann" });
    await bind("auditor", "bob");
    expect((await api.call(`GET /api/v1/jobs/${id}`, { as: "bob" })).status).toBe(404);
    expect(await listed("jobs", "bob")).toEqual([]);
  });

  it("makes administrators, who may do everything, and nobody else gives or takes roles", async () => {
    for (const role of ["operator", "auditor", "viewer", "executor", "developer"]) await bind(role, "ann");
    expect((await bind("admin", "ann", "ann")).status).toBe(403);
    const [first] = await listed("bindings", "ann");
    const taken = await api.call(`DELETE /api/v1/bindings/${String(first?.["id"])}`, { as: "ann" });
    expect(taken.status).toBe(403);
    expect((await bind("admin", "bob")).status).toBe(201);
    expect((await bind("viewer", "ann-b", "bob")).status).toBe(201);
    expect((await api.call("GET /metrics", { as: "bob" })).status).toBe(200);
  });

  it("gives what is stored, and nothing more, where it is given and taken back at the same time", async () => {
    const { context } = api;
    const caller = sampleCaller({ principal: { name: "root", roles: ["admin"] } });
    for (let round = 0; round < 48; round += 1) {
      const user = `user-${round}`;
      const { id } = await createBinding(context, { caller, role: "admin", kind: "user", subject: user });
      const again = createBinding(context, { caller, role: "admin", kind: "user", subject: user });
      for (let turn = 0; turn < round % 12; turn += 1) await setImmediate();
      await Promise.all([again, deleteBinding(context, { caller, id })]);
      const stored = (await context.store.bindings.list()).filter(({ subject }) => subject === user);
      const held = context.roles.heldBy({ user, groups: [], roles: [] });
      expect([round, held.flatMap(({ via }) => via.map((one) => "binding" in one && one.binding))]).toEqual([
        round,
        stored.map((one) => one.id),
      ]);
    }
  });

  it.each(["admin", "executor", "server", "anonymous", "Server", "ADMIN", "ＡＤＭＩＮ", "Executor"])(
    "gives %s nothing, whose name is the server's own",
    async (name) => {
      const { status, text } = await bind("admin", name);
      expect([status, text]).toEqual([
        400,
        expect.stringContaining("must not be a name of the server's own"),
      ]);
      expect(await listed("bindings", "root")).toEqual([]);
    },
  );

  it("and tokens leave a line in the log when they are given and taken: what, whose, by whom and from where", async () => {
    const { id } = (await bind("viewer", "bob")).body as { id: string };
    await bind("viewer", "bob");
    await api.call(`DELETE /api/v1/bindings/${id}`, { as: "root" });
    await api.call(`DELETE /api/v1/bindings/${id}`, { as: "root" });
    const made = await api.call("POST /api/v1/tokens", { as: "root", body: { user: "eve" } });
    const token = (made.body as { id: string }).id;
    await api.call(`DELETE /api/v1/tokens/${token}`, { as: "root" });
    const lines = api.logLines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const by = { level: "info", by: "root", door: "rest", address: expect.any(String) as string };
    expect(lines.filter((line) => "by" in line)).toMatchObject([
      { msg: "Role given", id, role: "viewer", user: "bob", ...by },
      { msg: "Role taken back", id, ...by },
      { msg: "Token made", id: token, user: "eve", ...by },
      { msg: "Token revoked", id: token, user: "eve", ...by },
    ]);
  });

  it("is shown to whom it is for, to administrators and to auditors", async () => {
    await bind("viewer", "ann");
    await bind("auditor", "bob");
    const users = async (as: Caller): Promise<unknown[]> =>
      (await listed("bindings", as)).map(({ user }) => user);
    expect(await users("root")).toEqual(["ann", "bob"]);
    expect(await users("bob")).toEqual(["ann", "bob"]);
    expect([await users("ann"), await users("an")]).toEqual([["ann"], []]);
  });

  it("is for a role that is there, and a name that somebody can have: all that is wrong is told", async () => {
    expect(await bind("no such role", "\u202eann")).toMatchObject({
      status: 400,
      body: { code: "REQUEST_INVALID", problems: [{ field: "role" }, { field: "user" }] },
    });
    expect((await bind("__proto__", "ann")).status).toBe(400);
    for (const id of ["x", "..%2f", newId()]) {
      expect((await api.call(`DELETE /api/v1/bindings/${id}`, { as: "root" })).status).toBe(404);
    }
  });

  it("does not unlock whom an administrator has locked", async () => {
    await api.call("POST /api/v1/certificates/lock", { as: "root", body: { name: "bob", locked: true } });
    await bind("admin", "bob");
    expect((await api.call("GET /api/v1/whoami", { as: "bob" })).status).toBe(403);
  });

  it("lasts: a server that starts on the same database knows it", async () => {
    await bind("viewer", "bob");
    const { store, roles } = api.context;
    await roles.reload(() => givenRoles(store));
    expect(roles.heldBy({ user: "bob", groups: [], roles: [] }).map(({ role }) => role.name)).toEqual([
      "viewer",
    ]);
  });
});

describe("whoami", () => {
  it("says who is asking, with which roles and by what", async () => {
    await bind("viewer", "ann");
    expect((await api.call("GET /api/v1/whoami")).body).toEqual({
      name: "ann",
      roles: ["developer", "viewer"],
      groups: [],
      door: "rest",
      credential: { kind: "token", id: expect.any(String) as string },
      account: null,
    });
  });
});

describe("explain", () => {
  it("says by which rule and binding something is allowed", async () => {
    const { id } = (await bind("viewer", "ann")).body as { id: string };
    expect((await explained("verb=read&resource=jobs&owner=bob")).body).toEqual({
      allowed: true,
      because: [
        {
          role: "viewer",
          rule: { resource: "jobs", names: ["*"], verbs: ["read", "list"] },
          via: [{ kind: "user", name: "ann", binding: id }],
        },
      ],
      missing: null,
    });
  });

  it("says what is missing, in the words of the refusal", async () => {
    const job = await api.jobOf("running", { owner: "bob" });
    await bind("viewer", "ann");
    const refused = await api.call(`DELETE /api/v1/jobs/${job.id}`);
    const { missing, allowed } = (await explained("verb=delete&resource=jobs&owner=bob")).body as {
      missing: string;
      allowed: boolean;
    };
    expect(allowed).toBe(false);
    expect(refused).toMatchObject({ status: 403, body: { message: `Cannot delete jobs: ${missing}` } });
  });

  it("is about others for administrators and auditors alone, who are taken as if they came by certificate", async () => {
    expect((await explained("verb=read&resource=jobs&principal=bob")).status).toBe(403);
    await bind("auditor", "ann");
    const asked = "verb=list&resource=jobs&principal=bob";
    expect((await explained(asked)).body).toMatchObject({
      allowed: true,
      // That who runs tasks sees their jobs is said once, by the rule that says it anyway.
      because: [{ role: "developer", via: [{ kind: "credential" }] }],
    });
    expect((await explained(asked, "root")).status).toBe(200);
  });

  it("knows what the administrator may do, who comes by no certificate", async () => {
    await bind("auditor", "ann");
    expect((await explained("verb=update&resource=server&principal=admin")).body).toMatchObject({
      allowed: true,
      because: [{ role: "admin", via: [{ kind: "credential" }] }],
    });
    expect((await explained("verb=update&resource=server&principal=executor")).body).toMatchObject({
      allowed: false,
    });
  });

  it("takes the words of the contract, and no others", async () => {
    const answer = await explained("verb=eat&resource=__proto__");
    expect(answer).toMatchObject({ status: 400, body: { code: "REQUEST_INVALID" } });
  });
});

it("lists the roles with their rules for everybody who has one", async () => {
  const names = (await listed("roles", "ann")).map(({ name, builtIn }) => [name, builtIn]);
  expect(names).toEqual(
    ["admin", "operator", "developer", "executor", "viewer", "self", "auditor"].map((name) => [name, true]),
  );
});
