import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { operations, type OperationName } from "@berth/protocol";
import { ExecutorService } from "@berth/protocol/executor";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openLibraryDoor } from "../src/api/executor/library-door.ts";
import { StartedCommands } from "../src/api/executor/started-commands.ts";
import { createToken } from "../src/auth/tokens.ts";
import { newId } from "../src/lib/ids.ts";
import { type ExecutorBench, openExecutorBench } from "./support/executor-bench.ts";
import { sampleSession } from "./support/sample-session.ts";
import { sampleJob } from "./support/sample-job.ts";
import { RecordingAccess } from "./support/recording-access.ts";

const uuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as string;
const loopback = expect.stringMatching(/^(::1|(::ffff:)?127\.0\.0\.1)$/) as string;

const access = new RecordingAccess();
let bench: ExecutorBench;
let url: string;
/** An administrator's, so that the walk meets no refusal of a role. */
let token: { text: string; id: string };
beforeAll(async () => {
  bench = await openExecutorBench(() => ({ access }));
  url = await bench.api.listen();
  const { text, stored } = createToken({ name: "carol", role: "admin" }, { createdAt: Date.now() });
  await bench.api.context.store.tokens.insert(stored);
  token = { text, id: stored.id };
});
afterAll(() => bench[Symbol.asyncDispose]());
afterEach(() => {
  access.allowsNothing = false;
});

const headers = () => ({ authorization: `Bearer ${token.text}` });

/** A job, of this owner, on which this operation may be done. */
async function jobFor(name: string, owner: string): Promise<string> {
  const state = name.startsWith("extend") ? "running" : "succeeded";
  const limits = { ...sampleJob().limits, runMs: { value: 60_000, by: "job" as const } };
  return (await bench.api.jobOf(state, { owner, limits })).id;
}

/** A user on which this operation may be done. */
async function userFor(name: OperationName): Promise<string> {
  const { path } = operations[name];
  if (!path.includes("{user}") && !path.includes("{member}")) return "nobody";
  const { store, accounts } = bench.api.context;
  const user = `user-${randomUUID()}`;
  const account = { id: newId(), name: user, key: user, display: null, createdAt: 1 };
  await store.accounts.insert({ ...account, password: null, identity: null });
  if (name === "restoreUser") await store.accounts.delete(account, 2);
  await accounts.reload(() => store.accounts.list());
  return user;
}

/** A group on which this operation may be done. */
async function groupFor(name: OperationName): Promise<string> {
  if (!operations[name].path.includes("{group}")) return "nobody";
  const group = `group-${randomUUID()}`;
  await bench.api.context.store.groups.insert({ key: group, name: group, createdAt: 1 });
  return group;
}

async function overRest(name: OperationName): Promise<Response> {
  const { method, path } = operations[name];
  const { record, chainPem } = (await bench.client("carol")).pair;
  const bodies: Partial<Record<OperationName, object>> = {
    submitJob: { command: "true" },
    checkJob: { command: "true" },
    extendJob: { by: "1s" },
    issueCertificate: { csr: "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----" },
    renewCertificate: { certificate: chainPem },
    createSecret: { name: "database", values: { password: "correct-horse" } },
    updateSecret: { values: { password: "battery-staple" } },
    createNetwork: { name: "pypi", spec: {} },
    updateNetwork: { spec: {} },
    proposeNetwork: { jobs: ["0199a2b4-7c1e-7d53-9f0a-3b6c8d21e4f7"] },
    lockPrincipal: { name: "nobody", locked: false },
    createRunner: { name: "reports", spec: {} },
    updateRunner: { spec: {} },
    rollBackRunner: { version: 1 },
    createWebhook: { name: "pushed", spec: { task: "report", secret: "hook" } },
    updateWebhook: { spec: {} },
    rollBackWebhook: { version: 1 },
    createSchedule: { name: "nightly", spec: { task: "report", cron: "0 3 * * *" } },
    updateSchedule: { spec: {} },
    rollBackSchedule: { version: 1 },
    createTask: { name: "report", spec: { runner: "reports", command: "true" } },
    updateTask: { spec: {} },
    rollBackTask: { version: 1 },
    applyDefinitions: { runners: [{ name: "applied", spec: {} }] },
    createToken: { user: "nobody" },
    changePassword: { current: "x", password: "y" },
    createUser: { name: `user-${randomUUID()}` },
    updateUser: { display: "Eve" },
    setUserPassword: { password: null },
    createGroup: { name: `group-${randomUUID()}` },
    createRole: { name: `role-${randomUUID()}`, rules: [] },
    updateRole: { rules: [] },
    linkUser: { provider: "corp", subject: "s" },
    unlinkUser: { provider: "corp", subject: "s" },
    createBinding: { role: "viewer", user: "nobody" },
    cutAudit: { before: "2026-01-01T00:00:00Z" },
  };
  const id = await jobFor(name, "ann");
  const { stored: another } = createToken({ name: "ann", role: "user" }, { createdAt: Date.now() });
  if (name === "deleteToken" || name === "getToken") await bench.api.context.store.tokens.insert(another);
  const session = sampleSession();
  if (name === "deleteSession")
    await bench.api.context.store.sessions.insert(session, { usedBefore: 0, of: null });
  const filled = path
    .replace("{id}", id)
    .replace("{name}", path.includes("secrets") ? "database" : "pypi")
    .replace("{serial}", record.serial)
    .replace("*", "report.txt")
    .replace("{sha256}", "0".repeat(64))
    .replace("{binding}", id)
    .replace("{token}", another.id)
    .replace("{session}", session.id)
    .replace("{user}", await userFor(name))
    .replace("{member}", await userFor(name))
    .replace("{group}", await groupFor(name));
  const query = name === "explainAccess" ? "?verb=read&resource=jobs" : "";
  const body =
    bodies[name] !== undefined || method === "POST" || method === "PUT"
      ? JSON.stringify(bodies[name] ?? {})
      : null;
  const type = name === "createUpload" ? "application/octet-stream" : "application/json";
  const own = { ...(body !== null && { "content-type": type }), "upload-offset": "0" };
  return fetch(url + filled + query, { method, headers: { ...headers(), ...own }, body });
}

async function overGrpc(name: keyof typeof ExecutorService.method): Promise<{ serial: string }> {
  const client = await bench.client("ann");
  const { serial } = client.pair.record;
  const of = { executionId: { value: await jobFor(name, "ann") } };
  switch (name) {
    case "executeCommand":
      await client.call(name, { command: "true" });
      break;
    case "listAllExecutions":
    case "listExecutions":
      await client.call(name, {});
      break;
    case "extendExecution":
      await client.call(name, { ...of, by: "1s" });
      break;
    case "getExecution":
    case "stopExecution":
      await client.call(name, of);
      break;
    case "getOutStream":
    case "watchExecution":
      await once(
        client.open(name, of).on("data", () => undefined),
        "end",
      );
      break;
    default:
      name satisfies never;
  }
  return { serial };
}

const calls = ["execute", "find", "status", "output", "wait", "stop", "kill"] as const;

async function inLibrary(name: (typeof calls)[number]): Promise<void> {
  const started = new StartedCommands();
  const { context } = bench.api;
  const door = openLibraryDoor(context, { started, closing: new AbortController().signal });
  if (name === "execute") return void (await door.execute("true"));
  const { allowsNothing } = access;
  access.allowsNothing = allowsNothing && name === "find";
  const command = await door.find(await jobFor(name, "executor"));
  access.allowsNothing = allowsNothing;
  if (name === "output") await Array.fromAsync(command.output());
  else if (name !== "find") await command[name]();
}

/** A login is asked of nobody who is anybody yet. */
const contract = (Object.keys(operations) as OperationName[]).filter(
  (name) => operations[name].permission !== null,
);
const methods = Object.keys(ExecutorService.method) as (keyof typeof ExecutorService.method)[];

describe("who calls, by which door, with what credential, from which address and in which request", () => {
  it.each(contract)("arrives at %s over REST", async (name) => {
    access.seen.length = 0;
    const answer = await overRest(name);
    await answer.arrayBuffer();
    expect(access.seen.length).toBeGreaterThan(0);
    for (const caller of access.seen) {
      expect(caller).toEqual({
        principal: { name: "carol", roles: ["admin"] },
        groups: [],
        door: "rest",
        credential: { kind: "token", id: token.id },
        address: loopback,
        requestId: answer.headers.get("x-request-id"),
      });
    }
  });

  it("arrives where the counters are read", async () => {
    access.seen.length = 0;
    const answer = await fetch(`${url}/metrics`, { headers: headers() });
    expect([answer.status, access.seen.length]).toEqual([200, 1]);
    const requestId = answer.headers.get("x-request-id");
    expect(access.seen[0]).toMatchObject({ door: "rest", credential: { id: token.id }, requestId });
  });

  it.each(methods)("arrives at %s over gRPC", async (name) => {
    access.seen.length = 0;
    const { serial } = await overGrpc(name);
    expect(access.seen.length).toBeGreaterThan(0);
    for (const caller of access.seen) {
      expect(caller).toEqual({
        principal: { name: "ann", roles: ["developer"] },
        groups: [],
        door: "grpc",
        credential: { kind: "certificate", id: serial },
        address: loopback,
        requestId: uuid,
      });
      expect(caller.requestId).toBe(access.seen[0]?.requestId);
    }
  });

  it.each(calls)("arrives at %s in the library", async (name) => {
    access.seen.length = 0;
    await inLibrary(name);
    expect(access.seen.length).toBeGreaterThan(0);
    for (const caller of access.seen) {
      expect(caller).toEqual({
        principal: { name: "executor", roles: ["developer"] },
        groups: [],
        door: "library",
        credential: { kind: "process", id: String(process.pid) },
        address: null,
        requestId: uuid,
      });
    }
  });
});

describe("an operation decides by itself, whomever its door has let in", () => {
  it.each(contract)("%s over REST", async (name) => {
    access.allowsNothing = true;
    const answer = await overRest(name);
    await answer.arrayBuffer();
    expect([403, 404]).toContain(answer.status);
  });

  it("the counters", async () => {
    access.allowsNothing = true;
    expect((await fetch(`${url}/metrics`, { headers: headers() })).status).toBe(403);
  });

  it.each(methods)("%s over gRPC", async (name) => {
    access.allowsNothing = true;
    await expect(overGrpc(name)).rejects.toMatchObject({
      details: expect.stringMatching(/allows nothing|Cannot find job/) as string,
    });
  });

  it.each(calls)("%s in the library", async (name) => {
    access.allowsNothing = true;
    await expect(inLibrary(name)).rejects.toThrow(/allows nothing|Cannot find job/);
  });
});

describe("a refusal over gRPC", () => {
  it("names the request as the log does", async () => {
    const client = await bench.client("ann");
    access.seen.length = 0;
    access.allowsNothing = true;
    await expect(client.call("executeCommand", { command: "true" })).rejects.toMatchObject({ code: 7 });
    expect(bench.failures.at(-1)?.requestId).toBe(access.seen[0]?.requestId);
  });
});
