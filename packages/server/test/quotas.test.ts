import type { QuotaBounds } from "@berth/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deleteJob } from "../src/operations/jobs/delete-job.ts";
import { getJob } from "../src/operations/jobs/get-job.ts";
import { stopJob } from "../src/operations/jobs/stop-job.ts";
import { submitJob } from "../src/operations/jobs/submit-job.ts";
import { deleteQuota } from "../src/operations/quotas/delete-quota.ts";
import { setQuota } from "../src/operations/quotas/set-quota.ts";
import { ApiBench } from "./support/api-bench.ts";
import { openReconcilerBench, type ReconcilerBench } from "./support/reconciler-bench.ts";
import { sampleCaller } from "./support/sample-caller.ts";

type Server = Awaited<ReturnType<ReconcilerBench["open"]>>;

const callerOf = (name: string, role = "developer") => sampleCaller({ principal: { name, roles: [role] } });
const root = callerOf("admin", "admin");
const stays = { command: "fake", args: ["hang"] };

let bench: ReconcilerBench;
beforeEach(async () => {
  bench = await openReconcilerBench();
});
afterEach(() => bench[Symbol.asyncDispose]());

async function submit(
  { context }: Server,
  name: string,
  idempotencyKey: string | null = null,
): Promise<string> {
  return (await submitJob(context, { caller: callerOf(name), spec: stays, idempotencyKey })).job.id;
}

const none = { jobs: null, jobsPerHour: null, cpu: null, memory: null, storedBytes: null };
const bound = (
  { context }: Server,
  named: Partial<QuotaBounds>,
  name = "ann",
  kind: "user" | "group" = "user",
) => setQuota(context, { caller: root, kind, name, bounds: { ...none, ...named } });

describe("a quota of jobs at once", () => {
  it("keeps one more waiting, whatever is free, and nobody else", async () => {
    await using server = await bench.open({ maxJobs: 8 });
    await bound(server, { jobs: 1 });
    await bench.untilState(await submit(server, "ann"), "running");
    const waits = await submit(server, "ann");
    const { state, cause } = await getJob(server.context, { caller: callerOf("ann"), id: waits });
    expect({ state, cause }).toEqual({
      state: "queued",
      cause: {
        code: "waiting_for_quota",
        message: "Its owner runs 1 of 1 jobs that it may run at once; 0 of its own ahead",
        evidence: { quota: "jobs", used: 1, limit: 1, ahead: 0 },
      },
    });
    await bench.untilState(await submit(server, "bob"), "running");
    await bound(server, { jobs: 2 });
    await bench.untilState(waits, "running");
    const another = await submit(server, "ann");
    expect((await bench.store.jobs.get(another))?.state).toBe("queued");
    await deleteQuota(server.context, { caller: root, kind: "user", name: "ann" });
    await bench.untilState(another, "running");
  });

  it("starts the one that waits when another of whom it bounds ends", async () => {
    await using server = await bench.open({ maxJobs: 8 });
    await bound(server, { jobs: 1 });
    const runs = await submit(server, "ann");
    await bench.untilState(runs, "running");
    const waits = await submit(server, "ann");
    const others = await submit(server, "bob");
    await bench.untilState(others, "running");
    await stopJob(server.context, { caller: root, id: others, graceMs: 0 });
    await bench.untilState(others, "canceled");
    expect((await bench.store.jobs.get(waits))?.state).toBe("queued");
    await stopJob(server.context, { caller: root, id: runs, graceMs: 0 });
    await bench.untilState(waits, "running");
  });

  it("counts what an earlier server began", async () => {
    await using before = await bench.open({ maxJobs: 8 });
    await bound(before, { jobs: 1 });
    await bench.untilState(await submit(before, "ann"), "running");
    await before[Symbol.asyncDispose]();
    await using after = await bench.open({ maxJobs: 8 });
    expect((await bench.store.jobs.get(await submit(after, "ann")))?.state).toBe("queued");
  });
});

describe("a quota of jobs an hour", () => {
  it("takes as many as it says of those that come at once, and of those that came before it was set", async () => {
    await using server = await bench.open({ maxJobs: 8 });
    await submit(server, "ann");
    await bound(server, { jobsPerHour: 5 });
    const sent = await Promise.allSettled(Array.from({ length: 20 }, () => submit(server, "ann")));
    expect(sent.filter(({ status }) => status === "fulfilled")).toHaveLength(4);
    await expect(submit(server, "ann")).rejects.toMatchObject({ code: "QUOTA_EXCEEDED" });
    await submit(server, "bob");
  });

  it("is not used up by one that could not be stored", async () => {
    await using server = await bench.open({ maxJobs: 8 });
    await bound(server, { jobsPerHour: 1 });
    const { jobs } = server.context.store;
    const insert = jobs.insert.bind(jobs);
    jobs.insert = () => Promise.reject(new Error("the disk is full"));
    await expect(submit(server, "ann")).rejects.toThrow("the disk is full");
    jobs.insert = insert;
    await submit(server, "ann");
    await expect(submit(server, "ann")).rejects.toMatchObject({ code: "QUOTA_EXCEEDED" });
  });

  it("is not used up by a request that comes again", async () => {
    await using server = await bench.open({ maxJobs: 8 });
    await bound(server, { jobsPerHour: 1 });
    const id = await submit(server, "ann", "k");
    expect(await submit(server, "ann", "k")).toBe(id);
    await expect(submit(server, "ann", "other")).rejects.toMatchObject({ code: "QUOTA_EXCEEDED" });
    await expect(submit(server, "ann", "other")).rejects.toMatchObject({ code: "QUOTA_EXCEEDED" });
  });

  it("counts those whose key came with a job that was refused", async () => {
    await using server = await bench.open({ maxJobs: 8 });
    await bound(server, { jobsPerHour: 1 });
    const caller = callerOf("ann");
    const spec = { ...stays, archive: { upload: "a".repeat(64), format: "tar" as const } };
    for (const idempotencyKey of ["k0", "k1"])
      await expect(submitJob(server.context, { caller, spec, idempotencyKey })).rejects.toMatchObject({
        code: "UPLOAD_NOT_FOUND",
      });
    await submit(server, "ann", "k0");
    await expect(submit(server, "ann", "k1")).rejects.toMatchObject({ code: "QUOTA_EXCEEDED" });
  });

  it("counts one whose key is free again, as its job was deleted", async () => {
    await using server = await bench.open({ maxJobs: 8 });
    await bound(server, { jobsPerHour: 1 });
    const caller = callerOf("ann");
    const spec = { command: "fake", args: ["exit=0"] };
    const { job } = await submitJob(server.context, { caller, spec, idempotencyKey: "k" });
    await bench.untilState(job.id, "succeeded");
    await deleteJob(server.context, { caller, id: job.id });
    await expect(submit(server, "ann", "k")).rejects.toMatchObject({ code: "QUOTA_EXCEEDED" });
  });

  it("is not given back by requests that come again beside it", async () => {
    await using server = await bench.open({ maxJobs: 8 });
    await bound(server, { jobsPerHour: 5 });
    const first = await submit(server, "ann", "k");
    let made = 1;
    for (let n = 0; n < 20; n += 1) {
      const [, again] = await Promise.all([
        submit(server, "ann").then(
          () => (made += 1),
          () => undefined,
        ),
        submit(server, "ann", "k"),
      ]);
      expect(again).toBe(first);
    }
    expect(made).toBe(5);
  });

  it("answers all that come at once with the last key that it takes", async () => {
    await using server = await bench.open({ maxJobs: 8 });
    await bound(server, { jobsPerHour: 1 });
    const ids = await Promise.all(Array.from({ length: 5 }, () => submit(server, "ann", "k")));
    expect(new Set(ids).size).toBe(1);
    const caller = callerOf("ann");
    const other = submitJob(server.context, {
      caller,
      spec: { command: "fake", args: ["exit=0"] },
      idempotencyKey: "k",
    });
    await expect(other).rejects.toMatchObject({ code: "IDEMPOTENCY_CONFLICT" });
  });
});

it("quotas are set, listed and deleted over REST, by administrators; others see their own", async () => {
  await using api = await ApiBench.open();
  const put = (user: string, body: object, as: "root" | "ann" = "root") =>
    api.call(`PUT /api/v1/quotas/${user}`, { as, body });
  expect(await put("ann", { jobs: 8 })).toMatchObject({
    status: 200,
    body: { user: "ann", group: null, jobs: 8, jobsPerHour: null, cpu: null },
  });
  await put("bob", { jobsPerHour: 10 });
  expect((await put("ann", { jobs: 9 }, "ann")).status).toBe(403);
  expect((await put("ann", { jobs: -1 })).status).toBe(400);
  const items = async (as: "root" | "ann") => (await api.call("GET /api/v1/quotas", { as })).body;
  expect(await put("lab?kind=group", { cpu: "1500m", memory: "1Gi" })).toMatchObject({
    body: { user: null, group: "lab", cpu: 1.5, memory: 2 ** 30 },
  });
  expect((await put("lab?kind=group", { cpu: "many" })).status).toBe(400);
  const used = { jobs: 0, jobsPerHour: 0, cpu: 0, memory: 0, storedBytes: 0 };
  const ann = { user: "ann", group: null, ...none, jobs: 8, used };
  expect(await items("root")).toEqual({
    items: [
      ann,
      { user: "bob", group: null, ...none, jobsPerHour: 10, used },
      { user: null, group: "lab", ...none, cpu: 1.5, memory: 2 ** 30, used },
    ],
  });
  expect(await items("ann")).toEqual({ items: [ann] });
  const get = (path: string, as: "root" | "ann") => api.call(`GET /api/v1/quotas/${path}`, { as });
  expect(await get("ann", "ann")).toMatchObject({ status: 200, body: ann });
  expect((await get("bob", "ann")).status).toBe(403);
  expect((await get("lab?kind=group", "ann")).status).toBe(403);
  expect(await get("lab", "root")).toMatchObject({ status: 404, body: { code: "QUOTA_NOT_FOUND" } });
  expect((await api.call("DELETE /api/v1/quotas/bob", { as: "root" })).status).toBe(204);
  const { audit } = api.context.store;
  const all = { account: null, door: null, verb: null, name: null, outcome: null, requestId: null };
  const whenever = { address: null, since: null, until: null, limit: 50, cursor: null };
  const { items: records } = await audit.list({ ...all, ...whenever, resource: "quotas" });
  expect(records.length).toBeGreaterThanOrEqual(3);
  expect(await api.call("DELETE /api/v1/quotas/bob", { as: "root" })).toMatchObject({
    status: 404,
    body: { code: "QUOTA_NOT_FOUND" },
  });
});

it("a quota binds the account whose name is meant, however it is written", async () => {
  await using api = await ApiBench.open();
  const call = (path: string, body?: object) => api.call(path, { as: "root", ...(body && { body }) });
  // One that was set before there was such an account binds nobody, and can be taken away.
  expect(await call("PUT /api/v1/quotas/CASEY", { jobs: 3 })).toMatchObject({ body: { user: "CASEY" } });
  expect(
    (await api.call("POST /api/v1/users", { as: "root", body: { name: "casey", roles: [] } })).status,
  ).toBe(201);
  expect(await call("GET /api/v1/quotas/CASEY")).toMatchObject({ body: { user: "CASEY", jobs: 3 } });
  expect(await call("PUT /api/v1/quotas/Casey", { jobs: 1 })).toMatchObject({ body: { user: "casey" } });
  expect(api.context.quotas.applying("casey")).toMatchObject([{ jobs: 1 }]);
  expect(await call("GET /api/v1/quotas/CASEY")).toMatchObject({ body: { user: "casey", jobs: 1 } });
  expect((await call("DELETE /api/v1/quotas/CASEY")).status).toBe(204);
  expect(api.context.quotas.applying("casey")).toEqual([]);
  expect((await call("DELETE /api/v1/quotas/CASEY")).status).toBe(204);
  expect((await call("DELETE /api/v1/quotas/CASEY")).status).toBe(404);
});
