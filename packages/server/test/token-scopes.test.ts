import type { CreatedToken, Explanation, JobList, Token, WhoAmI } from "@berth/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiBench } from "./support/api-bench.ts";

let api: ApiBench;
beforeEach(async () => {
  api = await ApiBench.open();
  await must("POST /api/v1/bindings", { user: "boss", role: "admin" });
});
afterEach(() => api[Symbol.asyncDispose]());

const rule = (resource: string, ...verbs: string[]) => ({ resource, names: ["*"], verbs });

async function must<Body>(request: string, body?: unknown): Promise<Body> {
  const answer = await api.call(request, { as: "root", body });
  expect([request, answer.status < 300]).toEqual([request, true]);
  return answer.body as Body;
}

const by =
  ({ token }: { token: string }) =>
  (request: string, body?: unknown) =>
    api.call(request, { as: null, headers: { authorization: `Bearer ${token}` }, body });

/** What asks by a token of this name with this scope. */
async function scoped(user: string, ...scope: object[]) {
  const made = await must<CreatedToken>("POST /api/v1/tokens", { user, scope });
  return Object.assign(by(made), { id: made.id });
}

const spec = { command: ["true"] };

describe("a token with a scope", () => {
  it("does what the scope and the roles both allow, and nothing else", async () => {
    const job = await api.jobOf("succeeded", { owner: "ann" });
    const foreign = await api.jobOf("succeeded", { owner: "bob" });
    const ask = await scoped("ann", rule("jobs", "read", "list"));
    const { items } = (await ask("GET /api/v1/jobs")).body as JobList;
    expect(items.map(({ id }) => id)).toEqual([job.id]);
    const statuses = await Promise.all(
      [`GET /api/v1/jobs/${job.id}`, `GET /api/v1/jobs/${foreign.id}`, `DELETE /api/v1/jobs/${job.id}`].map(
        async (request) => (await ask(request)).status,
      ),
    );
    expect(statuses).toEqual([200, 404, 403]);
    const refused = await ask("POST /api/v1/jobs", spec);
    expect(refused.status).toBe(403);
    expect(refused.text).toContain("the scope of the token does not allow it");
    expect((await ask("GET /api/v1/uploads")).status).toBe(403);
  });

  it("is bounded where its name is an administrator's, also in streams, waits and lists of all", async () => {
    const job = await api.jobOf("succeeded", { owner: "ann" });
    const ask = await scoped("boss", rule("engines", "read", "list"));
    for (const path of ["", `/${job.id}`, `/${job.id}/output`, `/${job.id}?wait=1s`, `/${job.id}/events`]) {
      const { status } = await ask(`GET /api/v1/jobs${path}`);
      expect([path, status === 403 || status === 404]).toEqual([path, true]);
    }
    for (const noun of ["users", "tokens", "audit", "server", "secrets", "bindings"])
      expect([noun, (await ask(`GET /api/v1/${noun}`)).status]).toEqual([noun, 403]);
    expect((await ask("GET /api/v1/engines")).status).toBe(200);
    const all = await scoped("boss", rule("jobs", "read", "list"));
    expect(((await all("GET /api/v1/jobs")).body as JobList).items.map(({ id }) => id)).toEqual([job.id]);
  });

  it("shrinks with the roles of its name", async () => {
    const { id } = await must<{ id: string }>("POST /api/v1/bindings", { user: "ann", role: "operator" });
    const ask = await scoped("ann", rule("server", "read"), rule("secrets", "list"));
    expect((await ask("GET /api/v1/secrets")).status).toBe(200);
    await must(`DELETE /api/v1/bindings/${id}`);
    expect((await ask("GET /api/v1/secrets")).status).toBe(403);
  });

  it("meets names letter by letter", async () => {
    for (const name of ["la", "lab"]) await must("POST /api/v1/users", { name, roles: ["self"] });
    const ask = await scoped("boss", { resource: "users", names: ["la"], verbs: ["admin"] });
    expect((await ask("POST /api/v1/users/la/lock")).status).toBe(200);
    expect((await ask("POST /api/v1/users/lab/lock")).status).toBe(403);
    const some = await scoped("boss", { resource: "users", names: ["ann"], verbs: ["list"] });
    expect((await some("GET /api/v1/users")).status).toBe(403);
  });

  it("is shown with it, to its holder too, who is told why not", async () => {
    const scope = [rule("jobs", "read")];
    const ask = await scoped("ann", ...scope);
    expect((await must<Token>(`GET /api/v1/tokens/${ask.id}`)).scope).toEqual(scope);
    const { items } = await must<{ items: Token[] }>("GET /api/v1/tokens?user=ann");
    expect(items.map((token) => token.scope)).toEqual([null, scope]);
    const who = (await ask("GET /api/v1/whoami")).body as WhoAmI;
    expect(who.credential.scope).toEqual(scope);
    const why = async (verb: string): Promise<Explanation> =>
      (await ask(`GET /api/v1/access/explain?verb=${verb}&resource=jobs`)).body as Explanation;
    expect(await why("read")).toMatchObject({ allowed: true });
    expect(await why("create")).toEqual({
      allowed: false,
      because: [],
      missing: "the scope of the token does not allow it",
    });
    const trail = await must<{ items: object[] }>(`GET /api/v1/audit?resource=tokens`);
    expect(JSON.stringify(trail.items)).toContain('"scope"');
  });

  it("is refused where its rules are none", async () => {
    const wrong = [
      [],
      [{ resource: "jobs", names: ["a*"], verbs: ["read"] }],
      [{ resource: "jobs", names: ["*"], verbs: ["fly"] }],
      [{ resource: "jobs", names: ["*"], verbs: ["read"], own: true }],
      "jobs",
    ];
    for (const scope of wrong) {
      const answer = await api.call("POST /api/v1/tokens", { as: "root", body: { user: "ann", scope } });
      expect([scope, answer.status]).toEqual([scope, 400]);
    }
  });
});

describe("by a token with a scope nobody comes by more", () => {
  it("with another token: that has the same scope, or less, whatever is asked for", async () => {
    const ask = await scoped("boss", rule("tokens", "create"), rule("jobs", "read"));
    const plain = (await ask("POST /api/v1/tokens", { user: "boss" })).body as CreatedToken;
    expect(plain.scope).toEqual([rule("tokens", "create"), rule("jobs", "read")]);
    const scope = [rule("jobs", "read", "delete"), rule("users", "admin")];
    const wide = (await ask("POST /api/v1/tokens", { user: "boss", scope })).body as CreatedToken;
    expect(wide.scope).toEqual([rule("jobs", "read")]);
    expect((await by(wide)("GET /api/v1/users")).status).toBe(403);
  });

  it.each([
    [
      "certificates",
      "create",
      "POST /api/v1/certificates",
      { csr: "-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----\n" },
    ],
    ["users", "create", "POST /api/v1/users", { name: "evil", roles: ["admin"] }],
    ["users", "admin", "POST /api/v1/users/chief/password", {}],
    ["bindings", "create", "POST /api/v1/bindings", { user: "boss", role: "operator" }],
    ["roles", "create", "POST /api/v1/roles", { name: "mine", rules: [rule("users", "admin")] }],
  ] as const)("with %s:%s", async (resource, verb, request, body) => {
    await must("POST /api/v1/users", { name: "chief", roles: ["admin"] });
    const ask = await scoped("boss", rule(resource, verb));
    const answer = await ask(request, body);
    expect([answer.status, (answer.body as { code: string }).code]).toEqual([403, "FORBIDDEN"]);
  });
});

describe("somebody who may make tokens for others", () => {
  it("makes none that grows with what the other is given later", async () => {
    await must("POST /api/v1/roles", { name: "clerk", rules: [rule("tokens", "create")] });
    for (const role of ["clerk", "developer"]) await must("POST /api/v1/bindings", { user: "ann", role });
    await must("POST /api/v1/users", { name: "pam", roles: ["developer"] });
    const ask = by(await must<CreatedToken>("POST /api/v1/tokens", { user: "ann" }));
    const made = (await ask("POST /api/v1/tokens", { user: "pam" })).body as CreatedToken;
    const ofAdministrator = by(await must<CreatedToken>("POST /api/v1/tokens", { user: "pam" }));
    expect(made.scope).not.toBeNull();
    expect((await by(made)("GET /api/v1/jobs")).status).toBe(200);
    await must("POST /api/v1/bindings", { user: "pam", role: "admin" });
    const grant = { role: "admin", user: "ann" };
    expect((await by(made)("POST /api/v1/bindings", grant)).status).toBe(403);
    expect((await ofAdministrator("POST /api/v1/bindings", grant)).status).toBe(201);
  });

  it("gets no certificate for others, which would grow as well", async () => {
    await must("POST /api/v1/roles", { name: "clerk", rules: [rule("certificates", "create")] });
    for (const role of ["clerk", "developer"]) await must("POST /api/v1/bindings", { user: "ann", role });
    await must("POST /api/v1/users", { name: "pam", roles: ["self"] });
    const ask = by(await must<CreatedToken>("POST /api/v1/tokens", { user: "ann" }));
    const csr = "-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----\n";
    expect((await ask("POST /api/v1/certificates", { csr, name: "pam" })).status).toBe(403);
  });

  it("makes them with what both hold", async () => {
    await must("POST /api/v1/roles", { name: "clerk", rules: [rule("tokens", "create")] });
    await must("POST /api/v1/bindings", { user: "ann", role: "clerk" });
    const ask = by(await must<CreatedToken>("POST /api/v1/tokens", { user: "ann" }));
    const tokenFor = async (scope?: object[]): Promise<number> =>
      (await ask("POST /api/v1/tokens", { user: "boss", scope })).status;
    expect([
      await tokenFor([rule("tokens", "create")]),
      await tokenFor([rule("tokens", "create"), rule("users", "admin")]),
      await tokenFor(),
    ]).toEqual([201, 403, 403]);
  });
});
