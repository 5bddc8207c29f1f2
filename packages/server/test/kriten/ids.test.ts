import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiBench } from "../support/api-bench.ts";
import { error, kriten, uuid } from "../support/kriten-rows.ts";
import { peopleOf } from "../support/people.ts";

let api: ApiBench;
const { account } = peopleOf(() => api);
beforeAll(async () => {
  api = await ApiBench.open();
  await account("eve");
});
afterAll(() => api[Symbol.asyncDispose]());

async function ask<Body>(request: string, sent?: unknown): Promise<Body> {
  const answer = await api.call(request.replace(" ", ` ${kriten}`), { as: "root", body: sent });
  expect([request, answer.status]).toEqual([request, 200]);
  return answer.body as Body;
}

interface Named {
  id: string;
  name: string;
}

const nobodys = "0b7e2a52-7f0c-5d38-9c14-1d1f6c2f8a11";

describe("a client that decodes UUIDs", () => {
  let eve: { id: string };
  let group: Named;
  let role: Named;

  it("works with a group by its id, whose members are ids", async () => {
    eve = await ask("GET /users/eve");
    group = await ask("POST /groups", { name: "Netops", provider: "local" });
    expect(group).toMatchObject({ id: uuid, name: "Netops", users: [] });
    const whole = { ...group, users: [eve.id] };
    const members = [{ name: "eve", provider: "local" }];
    expect(await ask(`POST /groups/${group.id}/users`, members)).toEqual(whole);
    expect(await ask(`GET /groups/${group.id}`)).toEqual(whole);
    expect(await ask("GET /groups/netops")).toEqual(whole);
    expect(await ask("GET /groups")).toEqual([whole]);
    expect(await ask(`PATCH /groups/${group.id}`, { name: "Netops", provider: "local" })).toEqual(whole);
    expect(await ask(`GET /groups/${group.id}/users`)).toEqual([{ id: eve.id, ...members[0] }]);
    expect(await ask(`GET /users/${eve.id}`)).toEqual({ ...eve, groups: [group.id] });
  });

  it("works with a role by its id, also one about users whom it names by theirs", async () => {
    const said = { name: "eves", resource: "users", resource_ids: [eve.id], access: "read" };
    role = await ask("POST /roles", said);
    const whole = { ...said, id: uuid, resource_ids: ["eve"] };
    expect(role).toEqual(whole);
    expect(await ask(`GET /roles/${role.id}`)).toEqual(role);
    const about = { ...said, resource: "roles", resource_ids: [role.id, "viewer"] };
    expect(await ask(`PATCH /roles/${role.id}`, about)).toMatchObject({ resource_ids: ["eves", "viewer"] });
  });

  it("finds a binding by the ids of both", async () => {
    const to = { subject_kind: "groups", subject_provider: "local", subject_name: "Netops" };
    const bound = await ask<Named>("POST /role_bindings", { name: "b", role_name: "eves", ...to });
    expect(bound).toMatchObject({ id: uuid, role_id: role.id, subject_id: group.id });
    expect(await ask(`GET /role_bindings?role_id=${role.id}&subject_id=${group.id}`)).toMatchObject([
      { id: bound.id },
    ]);
    expect(await ask(`GET /role_bindings?role_id=${nobodys}`)).toEqual([]);
    expect(await ask(`DELETE /role_bindings/${bound.id}`)).toEqual({
      msg: "role_binding deleted successfully",
    });
  });

  it("finds a webhook by an id that was defined under a name", async () => {
    await api.call("POST /api/v1/runners", { as: "root", body: { name: "plain", spec: {} } });
    const task = { name: "free", spec: { runner: "plain", command: "true" } };
    await api.call("POST /api/v1/tasks", { as: "root", body: task });
    const values = { key: Buffer.alloc(32, 7).toString("base64") };
    await api.call("POST /api/v1/secrets", { as: "root", body: { name: "on-push", values } });
    const spec = { task: "free", secret: "on-push", signature: "standard" };
    const made = await api.call("POST /api/v1/webhooks", { as: "root", body: { name: "push", spec } });
    expect(made.status).toBe(201);
    const [hook] = await ask<{ id: string }[]>("GET /webhooks");
    expect(hook).toMatchObject({ id: uuid, owner: uuid, task: "free" });
    expect(await ask(`GET /webhooks/${hook?.id}`)).toEqual(hook);
    expect(await ask("GET /webhooks/push")).toEqual(hook);
    expect(await ask(`DELETE /webhooks/${hook?.id}`)).toEqual({ msg: "webhook deleted successfully" });
    expect(await ask("GET /webhooks")).toEqual([]);
  });

  it("has an id in each record of the audit, of nobody too", async () => {
    await api.call(`POST ${kriten}/login`, {
      as: null,
      body: { username: "nobody", password: "x", provider: "local" },
    });
    const rows = await ask<{ id: string; user_id: string }[]>("GET /audit_logs");
    expect(rows.length).toBeGreaterThan(5);
    for (const row of rows) expect(row).toMatchObject({ id: uuid, user_id: uuid });
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    expect(await ask(`GET /audit_logs/${rows[2]?.id}`)).toEqual(rows[2]);
  });

  it("deletes by ids, and is told that an id of nothing is none", async () => {
    for (const [kind, { id }] of [
      ["role", role],
      ["group", group],
    ] as const) {
      expect(await ask(`DELETE /${kind}s/${id}`)).toEqual({ msg: `${kind} deleted successfully` });
      for (const gone of [id, nobodys])
        expect(await api.call(`GET ${kriten}/${kind}s/${gone}`, { as: "root" })).toMatchObject({
          status: 404,
          body: error(`${kind} not found`),
        });
    }
  });
});
