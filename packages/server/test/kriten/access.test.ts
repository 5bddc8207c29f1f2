import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiBench } from "../support/api-bench.ts";
import { created, error, kriten, play, time, uuid } from "../support/kriten-rows.ts";
import { peopleOf } from "../support/people.ts";

let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open();
  await account("eve");
  await api.call("POST /api/v1/runners", { as: "root", body: { name: "plain", spec: {} } });
  for (const name of ["free", "report"]) {
    const spec = { runner: "plain", command: "python3 report.py" };
    await api.call("POST /api/v1/tasks", { as: "root", body: { name, spec } });
  }
});
afterAll(() => api[Symbol.asyncDispose]());

const { account, secret } = peopleOf(() => api);

const group = { id: uuid, name: "netops", provider: "local", created_at: time, updated_at: time };
const role = { name: "runs-free", resource: "jobs", resource_ids: ["free"], access: "write" };
const binding = {
  role_name: "runs-free",
  subject_kind: "groups",
  subject_provider: "local",
  subject_name: "netops",
};

describe("K4, K9, K18: who may what", () => {
  play(() => api, {
    "POST /users": {
      sent: { username: "dan", password: "correct horse battery", provider: "local" },
      answer: {
        id: uuid,
        username: "dan",
        provider: "local",
        groups: [],
        created_at: time,
        updated_at: time,
      },
    },
    "POST /users (again)": {
      sent: { username: "dan", password: "correct horse battery", provider: "local" },
      status: 409,
      answer: error("user already exists, please use a different username"),
    },
    "POST /users (without a password)": {
      sent: { username: "eva" },
      status: 400,
      answer: error("password is required"),
    },
    "GET /users/dan": {
      answer: {
        id: uuid,
        username: "dan",
        provider: "local",
        groups: [],
        created_at: time,
        updated_at: time,
      },
    },
    "GET /users/nobody": { status: 404, answer: error("user not found") },
    "POST /groups": { sent: { name: "netops", provider: "local" }, answer: { ...group, users: [] } },
    "POST /groups (again)": {
      sent: { name: "netops" },
      status: 409,
      answer: error("group already exists, please use a different name"),
    },
    "POST /groups/netops/users": {
      sent: [
        { name: "eve", provider: "local" },
        { name: "dan", provider: "local" },
      ],
      answer: { ...group, users: [uuid, uuid] },
    },
    "DELETE /groups/netops/users": {
      sent: [{ name: "dan", provider: "local" }],
      answer: { ...group, users: [uuid] },
    },
    "GET /groups/netops/users": { answer: [{ id: uuid, name: "eve", provider: "local" }], count: 1 },
    "GET /groups": { answer: [{ ...group, users: [uuid] }], count: 1 },
    "GET /groups/netops": { answer: { ...group, users: [uuid] } },
    "GET /groups/nobody": { status: 404, answer: error("group not found") },
    "GET /users/eve/groups": { answer: ["netops"], count: 1 },
    "DELETE /users/eve": {
      status: 502,
      answer: error("cannot delete user, please remove from groups first"),
    },
    "POST /roles": { sent: role, answer: { id: uuid, ...role } },
    "POST /roles (of nothing)": {
      sent: { ...role, name: "x", resource: "pods" },
      status: 400,
      answer: error("resource does not exist", {
        resources: ["runners", "tasks", "jobs", "users", "roles", "role_bindings"],
      }),
    },
    "POST /roles (of no level)": {
      sent: { ...role, name: "x", access: "all" },
      status: 400,
      answer: error("access not allowed", { access: ["read", "write"] }),
    },
    "GET /roles/runs-free": { answer: { id: uuid, ...role } },
    "PATCH /roles/runs-free": {
      sent: { ...role, resource_ids: ["free", "strict"] },
      answer: { id: uuid, ...role, resource_ids: ["free", "strict"] },
    },
    "POST /role_bindings": {
      sent: { name: "ops-run-free", ...binding },
      answer: { id: uuid, name: "ops-run-free", role_id: uuid, subject_id: uuid, ...binding },
    },
    "POST /role_bindings (to a user)": {
      sent: { name: "x", ...binding, subject_kind: "users" },
      status: 400,
      answer: error("subject kind does not exist"),
    },
    "GET /role_bindings?subject_name=netops": {
      answer: [{ id: uuid, name: "runs-free-netops", role_id: uuid, subject_id: uuid, ...binding }],
      count: 1,
    },
    "GET /role_bindings?subject_name=others": { answer: [], count: 0 },
  });

  it("calls a group as it was called when it was made", async () => {
    const root = (request: string, body?: unknown) =>
      api.call(request.replace(" ", ` ${kriten}`), { as: "root", body });
    await root("POST /groups", { name: "Admin", provider: "local" });
    await root("POST /groups/Admin/users", [{ name: "eve", provider: "local" }]);
    const given = { ...binding, name: "eve-looks", role_name: "viewer", subject_name: "Admin" };
    const { body } = await root("POST /role_bindings", given);
    expect(body).toMatchObject(given);
    expect((await root("GET /role_bindings?subject_name=Admin")).body).toMatchObject([
      { name: "viewer-Admin", subject_name: "Admin" },
    ]);
    expect((await root("GET /users/eve")).body).toMatchObject({ groups: [uuid, uuid] });
    expect((await root("GET /users/eve/groups")).body).toEqual(["Admin", "netops"]);
    await root("DELETE /role_bindings/viewer-Admin");
    await root("DELETE /groups/Admin/users", [{ name: "eve", provider: "local" }]);
  });

  it("honours the level of a role, also where it is about everything", async () => {
    const everything = { name: "sees-all", resource: "*", resource_ids: ["*"], access: "read" };
    const made = await api.call(`POST ${kriten}/roles`, { as: "root", body: everything });
    expect(made.body).toEqual({ id: uuid, ...everything });
    const { body } = await api.call("GET /api/v1/roles/sees-all", { as: "root" });
    const { rules } = body as { rules: { resource: string; verbs: string[] }[] };
    expect(rules.map(({ resource }) => resource)).toEqual([
      "runners",
      "tasks",
      "jobs",
      "users",
      "roles",
      "bindings",
    ]);
    expect([...new Set(rules.flatMap(({ verbs }) => verbs))]).toEqual(["read", "list"]);
  });

  it("is run by whoever is in the group, and nothing else is", async () => {
    const { body } = await api.call(`POST ${kriten}/login`, {
      as: null,
      body: { username: "eve", password: secret, provider: "local" },
    });
    const { token } = body as { token: string };
    const asEve = (request: string, sent?: string) =>
      api.call(request.replace(" ", ` ${kriten}`), {
        as: null,
        headers: { authorization: `Bearer ${token}` },
        body: sent,
      });
    const ran = await asEve("POST /jobs/free", "{}");
    expect(ran.body).toEqual(created("free"));
    const { id } = ran.body as { id: string };
    expect((await asEve(`GET /jobs/${id}`)).body).toMatchObject({ id, owner: "eve" });
    expect((await asEve("GET /jobs")).headers["content-range"]).toBe("1");
    expect((await asEve("POST /jobs/report", "{}")).body).toEqual(error("task not found"));
    // What it owns itself it may see: nothing yet.
    expect((await asEve("GET /runners/reports")).body).toEqual({ msg: "runner not found" });
    expect((await asEve("GET /runners")).body).toEqual([]);
    expect((await asEve("GET /tasks/free")).status).toBe(403);
  });

  play(() => api, {
    "DELETE /role_bindings/runs-free-netops": { answer: { msg: "role_binding deleted successfully" } },
    "DELETE /roles/runs-free": { answer: { msg: "role deleted successfully" } },
    "DELETE /roles/runs-free (gone)": { status: 404, answer: error("role not found") },
    "DELETE /groups/netops": { answer: { msg: "group deleted successfully" } },
    "DELETE /users/dan": { answer: { msg: "user deleted successfully" } },
    "GET /users/dan (gone)": { status: 404, answer: error("user not found") },
  });
});

describe("K4: the audit", () => {
  it("has what was done by this door", async () => {
    const { body, headers } = await api.call(`GET ${kriten}/audit_logs?max=2`, { as: "root" });
    expect(headers["content-range"]).toBe("2");
    const [last] = body as { id: string }[];
    expect(last).toEqual({
      id: uuid,
      user_id: uuid,
      username: "root",
      provider: "token",
      event_type: "delete",
      event_category: "users",
      event_target: "dan",
      status: "success",
      created_at: time,
      updated_at: time,
    });
    expect((await api.call(`GET ${kriten}/audit_logs/${last?.id}`, { as: "root" })).body).toEqual(last);
    expect((await api.call(`GET ${kriten}/audit_logs?max=x`, { as: "root" })).status).toBe(400);
  });
});
