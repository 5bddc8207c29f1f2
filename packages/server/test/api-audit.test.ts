import { type AuditRecord, type AuditVerification, type OperationName, operations } from "@berth/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiBench } from "./support/api-bench.ts";
import { until } from "./support/until.ts";
import { scheduleWrites } from "./support/schedule-writes.ts";
import { taskWrites } from "./support/task-writes.ts";
import { webhookWrites } from "./support/webhook-writes.ts";

let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open();
});
afterAll(() => api[Symbol.asyncDispose]());

type As = "root" | "ann" | "bob" | null;

async function records(query: string, as: As = "root"): Promise<AuditRecord[]> {
  const { status, body } = await api.call(`GET /api/v1/audit?limit=200&${query}`, { as });
  expect(status).toBe(200);
  return (body as { items: AuditRecord[] }).items;
}

/** Ids and texts that one call leaves for the next. */
const left: Record<string, string> = {};

async function call(request: string, body?: unknown, as: As = "root"): Promise<Record<string, unknown>> {
  const answer = await api.call(request, { as, ...(body !== undefined && { body }) });
  expect([request, answer.status < 300]).toEqual([request, true]);
  return (answer.body ?? {}) as Record<string, unknown>;
}

const password = "correct horse battery";

/** How each operation that changes something is called, in an order in which all of them can be; and what it acts on. */
const writes: Partial<Record<OperationName, () => Promise<string>>> = {
  ...taskWrites((request, body) => call(request, body)),
  ...scheduleWrites((request, body) => call(request, body)),
  ...webhookWrites(
    (request, body) => call(request, body),
    () => api,
  ),
  deleteTask: async () => (await call("DELETE /api/v1/tasks/hello"), "hello"),
  deleteRunner: async () => (await call("DELETE /api/v1/runners/plain"), "plain"),
  submitJob: async () =>
    (left["job"] = String((await call("POST /api/v1/jobs", { command: "true" }, "ann"))["id"])),
  extendJob: async () => (
    await call(`POST /api/v1/jobs/${left["job"]}/extend`, { by: "1m" }), left["job"] ?? ""
  ),
  stopJob: async () => (await call(`POST /api/v1/jobs/${left["job"]}/stop`, {}), left["job"] ?? ""),
  deleteJob: async () => {
    const { id } = await api.jobOf("succeeded");
    await call(`DELETE /api/v1/jobs/${id}`);
    return id;
  },
  createUpload: async () => {
    const made = await api.app.inject({
      method: "POST",
      url: "/api/v1/uploads",
      headers: { authorization: `Bearer ${api.tokens.root}`, "content-type": "application/octet-stream" },
      payload: Buffer.from("content"),
    });
    return (left["upload"] = (JSON.parse(made.body) as { sha256: string }).sha256);
  },
  deleteUpload: async () => (await call(`DELETE /api/v1/uploads/${left["upload"]}`), left["upload"] ?? ""),
  lockPrincipal: async () => (
    await call("POST /api/v1/certificates/lock", { name: "eve", locked: true }), "eve"
  ),
  createNetwork: async () => (await call("POST /api/v1/networks", { name: "pypi", spec: spec(443) }), "pypi"),
  updateNetwork: async () => (await call("PUT /api/v1/networks/pypi", { spec: spec(80) }), "pypi"),
  deleteNetwork: async () => (await call("DELETE /api/v1/networks/pypi"), "pypi"),
  createSecret: async () => (
    await call("POST /api/v1/secrets", { name: "db", values: { password: "hush-hush" } }), "db"
  ),
  updateSecret: async () => (
    await call("PATCH /api/v1/secrets/db", { values: { password: "hush-hush-2" } }), "db"
  ),
  rotateSecretKey: async () => (await call("POST /api/v1/secrets/rotate-key", {}), "key"),
  deleteSecret: async () => (await call("DELETE /api/v1/secrets/db"), "db"),
  createBinding: async () =>
    (left["binding"] = String((await call("POST /api/v1/bindings", { role: "viewer", user: "eve" }))["id"])),
  deleteBinding: async () => (
    await call(`DELETE /api/v1/bindings/${left["binding"]}`), left["binding"] ?? ""
  ),
  createToken: async () =>
    (left["token"] = String((await call("POST /api/v1/tokens", { user: "eve" }))["id"])),
  deleteToken: async () => (await call(`DELETE /api/v1/tokens/${left["token"]}`), left["token"] ?? ""),
  createUser: async () => (
    await call("POST /api/v1/users", { name: "gus", password, roles: ["viewer"] }), "gus"
  ),
  updateUser: async () => (await call("PATCH /api/v1/users/gus", { display: "Gus" }), "gus"),
  lockUser: async () => (await call("POST /api/v1/users/gus/lock", {}), "gus"),
  unlockUser: async () => (await call("POST /api/v1/users/gus/unlock", {}), "gus"),
  linkUser: async () => (await call("POST /api/v1/users/gus/link", identity), "gus"),
  unlinkUser: async () => (await call("POST /api/v1/users/gus/unlink", identity), "gus"),
  setUserPassword: async () => (
    await call("POST /api/v1/users/gus/password", { password: `${password} 2` }), "gus"
  ),
  logIn: async () => {
    const { token, session } = await call(
      "POST /api/v1/login",
      { name: "gus", password: `${password} 2` },
      null,
    );
    left["session"] = String(token);
    return (session as { id: string }).id;
  },
  changePassword: async () => {
    const answer = await api.call("POST /api/v1/password", {
      as: null,
      headers: { authorization: `Bearer ${left["session"]}` },
      body: { current: `${password} 2`, password: `${password} 3` },
    });
    expect(answer.status).toBe(204);
    return "gus";
  },
  logOut: async () => {
    const headers = { authorization: `Bearer ${left["session"]}` };
    expect((await api.call("POST /api/v1/logout", { as: null, headers, body: {} })).status).toBe(204);
    return (await records("verb=logout"))[0]?.name ?? "";
  },
  deleteSession: async () => {
    const { session } = await call("POST /api/v1/login", { name: "gus", password: `${password} 3` }, null);
    const { id } = session as { id: string };
    await call(`DELETE /api/v1/sessions/${id}`);
    return id;
  },
  createGroup: async () => (await call("POST /api/v1/groups", { name: "lab" }), "lab"),
  addMember: async () => (await call("PUT /api/v1/groups/lab/members/gus", {}), "lab"),
  removeMember: async () => (await call("DELETE /api/v1/groups/lab/members/gus"), "lab"),
  deleteGroup: async () => (await call("DELETE /api/v1/groups/lab"), "lab"),
  createRole: async () => (await call("POST /api/v1/roles", { name: "looker", rules }), "looker"),
  updateRole: async () => (await call("PUT /api/v1/roles/looker", { rules }), "looker"),
  deleteRole: async () => (await call("DELETE /api/v1/roles/looker"), "looker"),
  setQuota: async () => (await call("PUT /api/v1/quotas/gus", { jobs: 2 }), "gus"),
  deleteQuota: async () => (await call("DELETE /api/v1/quotas/gus"), "gus"),
  deleteUser: async () => (await call("DELETE /api/v1/users/gus"), "gus"),
  restoreUser: async () => (await call("POST /api/v1/users/gus/restore", {}), "gus"),
};

function spec(port: number): object {
  return { domains: ["pypi.org"], ports: [port] };
}
const rules = [{ resource: "engines", names: ["*"], verbs: ["list"] }];
const identity = { provider: "company", subject: "uid=gus" };

/** Asks, and changes nothing. */
const questions: readonly OperationName[] = ["checkJob", "proposeNetwork", "beginDeviceLogin"];
/** Tried where there is an authority: api-certificates.test.ts. */
const certificates: readonly OperationName[] = ["issueCertificate", "renewCertificate", "revokeCertificate"];
/** Records itself in its own way (of what is applied each entry: task-apply.test.ts), or goes on with what another began. */
const others = ["cutAudit", "appendUpload", "collectDeviceLogin", "applyDefinitions"] as const;

describe("what happens", () => {
  it("is changed by no operation of which these tests do not know that it is recorded", () => {
    const known = new Set<string>([...Object.keys(writes), ...questions, ...certificates, ...others]);
    const changing = Object.entries(operations).filter(([, { method }]) => method !== "GET");
    expect(changing.map(([name]) => name).filter((name) => !known.has(name))).toEqual([]);
  });

  it.each(Object.keys(writes) as OperationName[])("is recorded of %s, once", async (name) => {
    const before = (await records("outcome=done")).length;
    const object = await writes[name]?.();
    const all = await records("outcome=done");
    const own = all.slice(0, all.length - before).filter((one) => one.name === object);
    const { permission } = operations[name] as { permission: { resource: string } | null };
    const resource = permission?.resource === "access" ? undefined : permission?.resource;
    expect(own.length).toBeGreaterThanOrEqual(1);
    // A run is recorded as the job that comes of it.
    const kinds: Partial<Record<OperationName, string>> = {
      changePassword: "users",
      runTask: "jobs",
      runWebhook: "jobs",
    };
    const door = name === "runWebhook" ? "webhook" : "rest";
    const isOf = kinds[name] ?? resource ?? "sessions";
    const requestId = expect.any(String) as string;
    const account = expect.any(String) as string;
    expect(own[0]).toMatchObject({ door, requestId, account, resource: isOf });
  });

  it("tells of definitions what was changed, field by field, and of secrets nothing of what they hold", async () => {
    const [changed] = await records("resource=networks&verb=update");
    expect(changed?.changes).toEqual([{ field: "ports", before: [443], after: [80] }]);
    const everything = JSON.stringify(await records(""));
    for (const hidden of ["hush-hush", password]) expect(everything).not.toContain(hidden);
  });

  it("tells who came, by what and from where", async () => {
    const [submitted] = await records("resource=jobs&verb=create");
    expect(submitted).toMatchObject({
      account: "ann",
      door: "rest",
      credential: { kind: "token" },
      address: "127.0.0.1",
      outcome: "done",
    });
  });

  it("is recorded of what is refused, the first at once, of many that are equal their number", async () => {
    const { id } = await api.jobOf("running", { owner: "bob" });
    for (let n = 0; n < 30; n += 1) {
      expect((await api.call("POST /api/v1/networks", { as: "ann", body: {} })).status).toBe(403);
      expect((await api.call(`GET /api/v1/jobs/${id}`, { as: "ann" })).status).toBe(404);
    }
    const denied = await until(
      async () => {
        const found = await records("account=ann&outcome=denied");
        return found.length >= 2 ? found : null;
      },
      { what: "the records of the refusals" },
    );
    expect(denied.map(({ verb, resource, name }) => `${verb} ${resource} ${name}`).toSorted()).toEqual([
      "create networks null",
      `read jobs ${id}`,
    ]);
  });

  it("is recorded of logins that fail, with the name that was tried", async () => {
    const body = { name: "gus", password: "not this one" };
    expect((await api.call("POST /api/v1/login", { as: null, body })).status).toBe(401);
    const [failed] = await until(
      async () => {
        const found = await records("verb=login&outcome=denied");
        return found.length > 0 ? found : null;
      },
      { what: "the record of the failed login" },
    );
    expect(failed).toMatchObject({ account: null, name: "gus", about: { code: "UNAUTHENTICATED" } });
  });

  it("does not tell what was typed in the place of a name, where nobody is called so", async () => {
    const typed = "my-Secret-of-the-bank";
    const body = { name: typed, password: "not this one" };
    expect((await api.call("POST /api/v1/login", { as: null, body })).status).toBe(401);
    const failed = await until(
      async () => {
        const found = await records("verb=login&outcome=denied");
        return found.length > 1 ? found : null;
      },
      { what: "the record of the failed login" },
    );
    expect(failed[0]).toMatchObject({ account: null, name: null, about: { name: "unknown" } });
    expect(JSON.stringify(failed)).not.toContain(typed);
  });

  it("holds no word of whoever makes up a provider, however long", async () => {
    const body = { provider: "made-up-pppp", name: "zed", password: "x" };
    expect((await api.call("POST /api/v1/login", { as: null, body })).status).toBe(400);
    const denied = await until(
      async () => {
        const found = await records("verb=login&outcome=denied");
        return found.some(({ about }) => about?.["provider"] === "unknown") ? found : null;
      },
      { what: "the record of the failed login" },
    );
    expect(denied[0]).toMatchObject({ about: { provider: "unknown" } });
    expect(JSON.stringify(denied)).not.toContain("pppp");
  });

  it("is recorded of who does not know the password that is to be changed", async () => {
    const body = { current: "not this one", password: `${password} 9` };
    expect((await api.call("POST /api/v1/password", { as: "bob", body })).status).toBe(401);
    const [refused] = await until(
      async () => {
        const found = await records("account=bob&resource=users&outcome=denied");
        return found.length > 0 ? found : null;
      },
      { what: "the record of the refusal" },
    );
    expect(refused).toMatchObject({ verb: "update", name: "bob", about: { code: "UNAUTHENTICATED" } });
  });

  it("is recorded of who comes with a token that nobody knows", async () => {
    const headers = { authorization: `Bearer berth_${"A".repeat(43)}` };
    expect((await api.call("GET /api/v1/jobs", { as: null, headers })).status).toBe(401);
    const [refused] = await until(
      async () => {
        const found = await records("verb=enter&outcome=denied");
        return found.length > 0 ? found : null;
      },
      { what: "the record of the refusal" },
    );
    expect(refused).toMatchObject({ account: null, door: "rest", about: { code: "UNAUTHENTICATED" } });
  });

  it("is shown to auditors and administrators alone", async () => {
    for (const path of ["audit", "audit/verify", "audit/export"])
      expect((await api.call(`GET /api/v1/${path}`, { as: "bob" })).status).toBe(403);
    await call("POST /api/v1/bindings", { role: "auditor", user: "bob" });
    expect((await api.call("GET /api/v1/audit", { as: "bob" })).status).toBe(200);
    const cut = { as: "bob" as const, body: { before: "2026-01-01T00:00:00Z" } };
    expect((await api.call("POST /api/v1/audit/cut", cut)).status).toBe(403);
  });

  it("is exported line by line, oldest first, and holds", async () => {
    const { text } = await api.call("GET /api/v1/audit/export?resource=jobs", { as: "root" });
    const lines = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as AuditRecord);
    expect(lines.map(({ id }) => id)).toEqual(
      (await records("resource=jobs")).map(({ id }) => id).toReversed(),
    );
    const { body } = await api.call("GET /api/v1/audit/verify", { as: "root" });
    expect(body).toMatchObject({ problems: [], next: null });
  });

  it("is not cut up to a time that is not yet", async () => {
    const all = await records("");
    const body = { before: "2999-01-01T00:00:00Z" };
    const refused = await api.call("POST /api/v1/audit/cut", { as: "root", body });
    expect(refused).toMatchObject({ status: 400, body: { code: "REQUEST_INVALID" } });
    expect(JSON.stringify(refused.body)).toContain("before");
    expect((await records("")).length).toBeGreaterThanOrEqual(all.length);
  });

  it("is cut on demand, with a record of it, and what is left holds", async () => {
    const all = await records("");
    const cut = await call("POST /api/v1/audit/cut", { before: new Date(Date.now() + 60_000).toISOString() });
    expect(cut["cuts"]).toHaveLength(1);
    const left = await records("");
    expect(left.length).toBeLessThan(all.length);
    expect(left[0]).toMatchObject({ verb: "cut", resource: "audit", account: "root" });
    const verified = (await api.call("GET /api/v1/audit/verify", { as: "root" })).body as AuditVerification;
    expect(verified.problems).toEqual([]);
    await call("POST /api/v1/audit/cut", { before: new Date(Date.now() + 60_000).toISOString() });
    expect((await api.call("GET /api/v1/audit/verify", { as: "root" })).body).toMatchObject({ problems: [] });
  });
});
