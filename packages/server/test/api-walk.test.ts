import { type Operation, type OperationName, operations, type Permission } from "@berth/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashOf } from "../src/auth/tokens.ts";
import { builtInRoles } from "../src/core/access/built-in-roles.ts";
import { newId } from "../src/lib/ids.ts";
import { ApiBench } from "./support/api-bench.ts";
import { expectedRights, verbOf } from "./support/expected-rights.ts";
import { sampleSession } from "./support/sample-session.ts";

type Asked = readonly [letter: keyof typeof verbOf, resource: Permission["resource"]];

/** By hand: what each operation is, so that one that asks for less is found out. A new one has no place here, and fails. */
const asked: Readonly<Record<OperationName, Asked | null>> = {
  logIn: null,
  runWebhook: null,
  beginDeviceLogin: null,
  collectDeviceLogin: null,
  submitJob: ["C", "jobs"],
  checkJob: ["C", "jobs"],
  listJobs: ["L", "jobs"],
  getJob: ["R", "jobs"],
  stopJob: ["S", "jobs"],
  extendJob: ["U", "jobs"],
  deleteJob: ["D", "jobs"],
  readOutput: ["R", "jobs"],
  watchJob: ["R", "jobs"],
  listArtifacts: ["R", "jobs"],
  readArtifact: ["R", "jobs"],
  listContacts: ["R", "jobs"],
  listDeliveries: ["R", "jobs"],
  resendDelivery: ["U", "jobs"],
  readResult: ["R", "jobs"],
  listRunners: ["L", "runners"],
  createRunner: ["C", "runners"],
  getRunner: ["R", "runners"],
  updateRunner: ["U", "runners"],
  deleteRunner: ["D", "runners"],
  listRunnerVersions: ["R", "runners"],
  diffRunner: ["R", "runners"],
  rollBackRunner: ["U", "runners"],
  listTasks: ["L", "tasks"],
  createTask: ["C", "tasks"],
  getTask: ["R", "tasks"],
  updateTask: ["U", "tasks"],
  deleteTask: ["D", "tasks"],
  listTaskVersions: ["R", "tasks"],
  diffTask: ["R", "tasks"],
  rollBackTask: ["U", "tasks"],
  getTaskSchema: ["X", "tasks"],
  listTaskJobs: ["L", "jobs"],
  runTask: ["X", "tasks"],
  listWebhooks: ["L", "webhooks"],
  createWebhook: ["C", "webhooks"],
  getWebhook: ["R", "webhooks"],
  updateWebhook: ["U", "webhooks"],
  deleteWebhook: ["D", "webhooks"],
  listWebhookVersions: ["R", "webhooks"],
  diffWebhook: ["R", "webhooks"],
  rollBackWebhook: ["U", "webhooks"],
  listSchedules: ["L", "schedules"],
  createSchedule: ["C", "schedules"],
  getSchedule: ["R", "schedules"],
  updateSchedule: ["U", "schedules"],
  deleteSchedule: ["D", "schedules"],
  listScheduleVersions: ["R", "schedules"],
  diffSchedule: ["R", "schedules"],
  rollBackSchedule: ["U", "schedules"],
  previewSchedule: ["R", "schedules"],
  listScheduleRuns: ["R", "schedules"],
  pauseSchedule: ["U", "schedules"],
  resumeSchedule: ["U", "schedules"],
  applyDefinitions: ["R", "access"],
  createUpload: ["C", "uploads"],
  appendUpload: ["C", "uploads"],
  listUploads: ["L", "uploads"],
  getUpload: ["R", "uploads"],
  deleteUpload: ["D", "uploads"],
  issueCertificate: ["C", "certificates"],
  renewCertificate: ["C", "certificates"],
  listCertificates: ["L", "certificates"],
  listLocks: ["L", "certificates"],
  lockPrincipal: ["A", "certificates"],
  revokeCertificate: ["D", "certificates"],
  listNetworks: ["L", "networks"],
  getNetwork: ["R", "networks"],
  createNetwork: ["C", "networks"],
  proposeNetwork: ["C", "networks"],
  updateNetwork: ["U", "networks"],
  deleteNetwork: ["D", "networks"],
  listSecrets: ["L", "secrets"],
  getSecret: ["R", "secrets"],
  createSecret: ["C", "secrets"],
  updateSecret: ["U", "secrets"],
  deleteSecret: ["D", "secrets"],
  rotateSecretKey: ["A", "secrets"],
  inspectServer: ["R", "server"],
  listEngines: ["L", "engines"],
  whoAmI: ["R", "access"],
  explainAccess: ["R", "access"],
  logOut: ["D", "access"],
  changePassword: ["U", "access"],
  listRoles: ["L", "roles"],
  getRole: ["R", "roles"],
  createRole: ["C", "roles"],
  updateRole: ["U", "roles"],
  deleteRole: ["D", "roles"],
  listGroups: ["L", "groups"],
  getGroup: ["R", "groups"],
  createGroup: ["C", "groups"],
  deleteGroup: ["D", "groups"],
  addMember: ["U", "groups"],
  removeMember: ["U", "groups"],
  listBindings: ["L", "bindings"],
  createBinding: ["C", "bindings"],
  deleteBinding: ["D", "bindings"],
  createToken: ["C", "tokens"],
  listTokens: ["L", "tokens"],
  getToken: ["R", "tokens"],
  deleteToken: ["D", "tokens"],
  listSessions: ["L", "sessions"],
  deleteSession: ["D", "sessions"],
  listAudit: ["L", "audit"],
  exportAudit: ["R", "audit"],
  verifyAudit: ["R", "audit"],
  cutAudit: ["D", "audit"],
  listQuotas: ["L", "quotas"],
  getQuota: ["R", "quotas"],
  setQuota: ["U", "quotas"],
  deleteQuota: ["D", "quotas"],
  listUsers: ["L", "users"],
  getUser: ["R", "users"],
  createUser: ["C", "users"],
  updateUser: ["U", "users"],
  deleteUser: ["D", "users"],
  restoreUser: ["D", "users"],
  lockUser: ["A", "users"],
  unlockUser: ["A", "users"],
  setUserPassword: ["A", "users"],
  linkUser: ["A", "users"],
  unlinkUser: ["A", "users"],
};

const text = (name: string): string => `berth_s_${name.padEnd(43, "-")}`;
const roles = builtInRoles.map(({ name }) => name);
let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open();
  const { store, accounts } = api.context;
  for (const name of [...roles.map((role) => `w-${role}`), "foreign", "locked", "deleted", "expired"]) {
    const role = name.startsWith("w-") ? name.slice(2) : "admin";
    await api.call("POST /api/v1/users", { as: "root", body: { name, roles: [role] } });
    const ended = name === "expired" ? { expiresAt: Date.now() - 1 } : { expiresAt: Date.now() + 3_600_000 };
    const session = sampleSession({ principal: name, hash: hashOf(text(name)), createdAt: 0, ...ended });
    await store.sessions.insert(session, { usedBefore: 0, of: null });
  }
  await api.call("POST /api/v1/users/locked/lock", { as: "root" });
  await api.call("DELETE /api/v1/users/deleted", { as: "root" });
  await accounts.reload(() => store.accounts.list());
});
afterAll(() => api[Symbol.asyncDispose]());

/** Somebody else's, or of the caller, new for each request: many of them end it. */
async function objectOf(owner: string, path: string): Promise<string> {
  const { store } = api.context;
  const session = sampleSession({ principal: owner });
  const job = path.includes("{id}") ? (await api.jobOf("succeeded", { owner })).id : "";
  if (path.includes("{session}")) await store.sessions.insert(session, { usedBefore: 0, of: null });
  const token = {
    id: newId(),
    hash: newId(),
    principal: owner,
    role: "user" as const,
    label: null,
    scope: null,
  };
  if (path.includes("{token}"))
    await store.tokens.insert({ ...token, createdAt: 1, expiresAt: Date.now() + 60_000, usedAt: null });
  return path
    .replace("{id}", job)
    .replace("{session}", session.id)
    .replace("{token}", token.id)
    .replace("{user}", owner)
    .replace("*", "report.txt");
}

/** What has no owner is not there, which who may ask is told, and nobody else. */
const fill = (path: string): string =>
  path
    .replace("{member}", "nobody")
    .replace("{group}", "no-group")
    .replace("{name}", "no-name")
    .replace("{binding}", newId())
    .replace("{sha256}", "0".repeat(64))
    .replace("{serial}", "0a1b");

const contract = Object.entries(operations) as [OperationName, Operation][];
const ask = (request: string, token: string | null) =>
  api.call(request, {
    as: null,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    ...(/^(POST|PUT|PATCH)/.test(request) && { body: request.endsWith("/extend") ? { by: "1s" } : {} }),
  });
const owned = /\{(id|session|token|user)\}/;

/** Whether it was let through: what is wrong with the request itself is told to those who may ask alone. */
function isAllowed({ status, body }: { status: number; body: unknown }, isOwned: boolean): boolean {
  if (status === 401 || status === 403) return (body as { code: string }).code === "CERTIFICATE_REFUSED";
  const isHidden = /^(JOB|SESSION|TOKEN|USER)_NOT_FOUND$/.test(
    (body as { code?: string } | null)?.code ?? "",
  );
  return !(isOwned && isHidden);
}

describe("ABUSE 28: every route of the contract", () => {
  it("is in the table by hand, and asks for what that says", () => {
    for (const [name, { permission }] of contract) {
      const by = asked[name];
      const wanted = by === null ? null : { verb: verbOf[by[0]], resource: by[1] };
      const asks = permission === null ? null : { verb: permission.verb, resource: permission.resource };
      expect([name, asks]).toEqual([name, wanted]);
    }
  });

  it.each(["anonymous", "expired", "locked", "deleted", "nobody"])("turns away who is %s", async (who) => {
    for (const [name, { method, path }] of contract) {
      if (asked[name] === null) continue;
      const answer = await ask(`${method} ${fill(path)}`, who === "anonymous" ? null : text(who));
      expect([name, answer.status]).toEqual([name, who === "locked" ? 403 : 401]);
    }
  });

  describe.each(roles)("lets %s do what the table says", (role) => {
    it.each(["own", "foreign"])("to what is %s", async (whose) => {
      const me = `w-${role}`;
      for (const [name, { method, path }] of contract) {
        const by = asked[name];
        // Its account would be gone, or another; and a login of its own is what it comes by.
        const isSelf =
          whose === "own" &&
          (/^(deleteUser|lockUser|setUserPassword)$/.test(name) || name.startsWith("restore"));
        if (by === null || isSelf || name === "logOut" || name === "changePassword") continue;
        const [letter, resource] = by;
        const rights = expectedRights[role]?.[resource] ?? "";
        const isOwned = owned.test(path);
        const mine = whose === "own" || !isOwned;
        const wanted = rights.includes(letter) || (mine && rights.includes(letter.toLowerCase()));
        const url = fill(await objectOf(whose === "own" ? me : "foreign", path));
        const query = name === "explainAccess" ? "?verb=read&resource=jobs" : "";
        const answer = await ask(`${method} ${url}${query}`, text(me));
        expect([name, whose, isAllowed(answer, isOwned), answer.text.slice(0, 80)]).toEqual([
          name,
          whose,
          wanted,
          expect.any(String),
        ]);
      }
    });
  });
});
