import type { CreatedToken } from "@berth/protocol";
import { afterEach, beforeEach, expect, it } from "vitest";
import { newId } from "../src/lib/ids.ts";
import { ApiBench } from "./support/api-bench.ts";
import { sampleSession } from "./support/sample-session.ts";

let api: ApiBench;
beforeEach(async () => {
  api = await ApiBench.open();
  for (const [name, role] of [
    ["boss", "admin"],
    ["gone", "admin"],
    ["clerk", "developer"],
    ["eve", "self"],
  ])
    await must("POST /api/v1/users", { name, roles: [role] });
  await must("DELETE /api/v1/users/gone");
  await must("POST /api/v1/users/boss/lock");
  const { store, accounts } = api.context;
  const admin = { id: newId(), name: "admin", key: "admin", display: null, createdAt: 1 };
  await store.accounts.insert({ ...admin, password: null, identity: null });
  await accounts.reload(() => store.accounts.list());
  for (const group of ["chiefs", "idle"]) await must("POST /api/v1/groups", { name: group });
  await must("POST /api/v1/bindings", { role: "admin", group: "chiefs" });
  await must("POST /api/v1/bindings", { role: "admin", user: "carol" });
});
afterEach(() => api[Symbol.asyncDispose]());

async function must(request: string, body?: unknown): Promise<unknown> {
  const answer = await api.call(request, { as: "root", body });
  expect([request, answer.status < 300]).toEqual([request, true]);
  return answer.body;
}

/** What eve does who has a role that allows this alone, beside what everybody may do with its own. */
async function withOnly(resource: string, verbs: readonly string[]) {
  await must("POST /api/v1/roles", { name: "r", rules: [{ resource, names: ["*"], verbs }] });
  await must("POST /api/v1/bindings", { role: "r", user: "eve" });
  const { token } = (await must("POST /api/v1/tokens", { user: "eve" })) as CreatedToken;
  return (request: string, body?: unknown) =>
    api.call(request, { as: null, headers: { authorization: `Bearer ${token}` }, body });
}

const password = "correct horse battery staple";
const csr = "-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----\n";
const everything = [{ resource: "users", names: ["*"], verbs: ["admin", "create"] }];

it.each([
  ["users", "create", "POST /api/v1/users", { name: "evil", password, roles: ["admin"] }],
  ["users", "create", "POST /api/v1/users", { name: "carol", password, roles: [] }],
  ["users", "admin", "POST /api/v1/users/boss/password", {}],
  ["users", "admin", "POST /api/v1/users/admin/password", { password }],
  ["users", "admin", "POST /api/v1/users/boss/link", { provider: "p", subject: "mallory" }],
  ["users", "admin", "POST /api/v1/users/boss/unlock", undefined],
  ["users", "delete", "POST /api/v1/users/gone/restore", undefined],
  ["bindings", "create", "POST /api/v1/bindings", { user: "eve", role: "admin" }],
  ["bindings", "create", "POST /api/v1/bindings", { group: "idle", role: "operator" }],
  ["roles", "create", "POST /api/v1/roles", { name: "mine", rules: everything }],
  ["roles", "update", "PUT /api/v1/roles/r", { rules: everything }],
  ["roles", "create", "POST /api/v1/apply", { roles: [{ name: "mine", rules: everything }] }],
  ["roles", "update", "POST /api/v1/apply", { roles: [{ name: "r", rules: everything }] }],
  ["bindings", "create", "POST /api/v1/apply", { bindings: [{ user: "eve", role: "admin" }] }],
  ["tokens", "create", "POST /api/v1/tokens", { user: "boss" }],
  ["tokens", "create", "POST /api/v1/tokens", { user: "nobody-yet" }],
  ["groups", "update", "PUT /api/v1/groups/chiefs/members/eve", undefined],
  ["certificates", "create", "POST /api/v1/certificates", { name: "boss", csr }],
  ["certificates", "admin", "POST /api/v1/certificates/lock", { name: "boss", locked: false }],
] as const)("with %s:%s alone nobody comes by more: %s %j", async (resource, verb, request, body) => {
  const ask = await withOnly(resource, [verb]);
  const answer = await ask(request, body);
  const { code, fix } = answer.body as { code: string; fix: string };
  expect([code, fix]).toEqual(["FORBIDDEN", expect.stringContaining("not held")]);
  expect(answer.status).toBe(403);
  const me = (await ask("GET /api/v1/whoami")).body;
  expect(me).toMatchObject({ roles: ["r", "self"] });
});

it.each([
  ["users", "create", "POST /api/v1/users", { name: "new", roles: ["self", "r"] }],
  ["users", "admin", "POST /api/v1/users/eve/password", { password: null }],
  ["bindings", "create", "POST /api/v1/bindings", { user: "clerk", role: "r" }],
  ["roles", "create", "POST /api/v1/roles", { name: "as-i", rules: [] }],
  ["tokens", "create", "POST /api/v1/tokens", { user: "eve" }],
  ["groups", "update", "PUT /api/v1/groups/idle/members/clerk", undefined],
] as const)("with %s:%s one gives what one holds: %s %j", async (resource, verb, request, body) => {
  const ask = await withOnly(resource, [verb]);
  const answer = await ask(request, body);
  expect([answer.text, answer.status < 300]).toEqual([answer.text, true]);
});

/** What lets the administrator carol, or boss, in; and what made them administrators. */
async function standing(): Promise<Record<string, string>> {
  const { store } = api.context;
  const { id: token } = (await must("POST /api/v1/tokens", { user: "boss" })) as CreatedToken;
  const session = sampleSession({ principal: "boss" });
  await store.sessions.insert(session, { usedBefore: 0, of: null });
  const keeper = { name: "keeper", rules: [{ resource: "server", names: ["*"], verbs: ["admin"] }] };
  await must("POST /api/v1/roles", keeper);
  for (const name of ["mixed", "bounded"]) await must("POST /api/v1/groups", { name });
  await store.groups.replace("boss", "local", ["mixed"]);
  await api.context.groups.reload(() => store.groups.memberships());
  await must("PUT /api/v1/quotas/bounded?kind=group", { jobs: 1 });
  const binding = (await store.bindings.list()).find(({ subject }) => subject === "carol");
  return { TOKEN: token, SESSION: session.id, BINDING: binding?.id ?? "" };
}

it.each([
  ["users", "admin", "POST /api/v1/users/boss/lock", undefined],
  ["users", "admin", "POST /api/v1/users/BOSS/lock", undefined],
  ["users", "delete", "DELETE /api/v1/users/boss", undefined],
  ["users", "admin", "POST /api/v1/users/boss/unlink", { provider: "p", subject: "boss" }],
  ["certificates", "admin", "POST /api/v1/certificates/lock", { name: "boss", locked: true }],
  ["certificates", "admin", "POST /api/v1/certificates/lock", { name: "CAROL", locked: true }],
  ["certificates", "admin", "POST /api/v1/certificates/lock", { name: "admin", locked: true }],
  ["quotas", "update", "PUT /api/v1/quotas/boss", { jobs: 0 }],
  ["quotas", "update", "PUT /api/v1/quotas/admin", { jobs: 0 }],
  ["quotas", "update", "PUT /api/v1/quotas/chiefs?kind=group", { jobs: 0 }],
  ["sessions", "delete", "DELETE /api/v1/sessions/SESSION", undefined],
  ["tokens", "delete", "DELETE /api/v1/tokens/TOKEN", undefined],
  ["bindings", "delete", "DELETE /api/v1/bindings/BINDING", undefined],
  ["groups", "update", "DELETE /api/v1/groups/chiefs/members/clerk", undefined],
  ["groups", "delete", "DELETE /api/v1/groups/chiefs", undefined],
  ["roles", "update", "PUT /api/v1/roles/keeper", { rules: [] }],
  ["quotas", "update", "PUT /api/v1/quotas/mixed?kind=group", { jobs: 0 }],
  ["groups", "update", "PUT /api/v1/groups/bounded/members/boss", undefined],
] as const)(
  "with %s:%s alone nobody shuts an administrator out, or makes it none: %s %j",
  async (resource, verb, request, body) => {
    const there = await standing();
    const verbs = [verb, "list", "read"];
    const ask = await withOnly(resource, verbs);
    const named = request.replace(/SESSION|TOKEN|BINDING/, (word) => there[word] ?? "");
    const answer = await ask(named, body);
    const { code, message } = answer.body as { code: string; message: string };
    expect([code, message]).toEqual(["FORBIDDEN", expect.stringContaining("admin server *")]);
    expect((await api.call(named, { as: "root", body })).status).toBeLessThan(300);
  },
);

it("with users:admin alone somebody who is no administrator can be locked and deleted still", async () => {
  const ask = await withOnly("users", ["admin", "delete"]);
  expect((await ask("POST /api/v1/users/clerk/lock")).status).toBe(200);
  expect((await ask("DELETE /api/v1/users/clerk")).status).toBe(204);
});
