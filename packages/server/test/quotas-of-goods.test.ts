import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import type { JobSpec, QuotaBounds } from "@berth/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deleteJob } from "../src/operations/jobs/delete-job.ts";
import { getJob } from "../src/operations/jobs/get-job.ts";
import { stopJob } from "../src/operations/jobs/stop-job.ts";
import { submitJob } from "../src/operations/jobs/submit-job.ts";
import { listQuotas } from "../src/operations/quotas/list-quotas.ts";
import { setQuota } from "../src/operations/quotas/set-quota.ts";
import { receiveUpload } from "../src/operations/uploads/receive-upload.ts";
import { openReconcilerBench, type ReconcilerBench } from "./support/reconciler-bench.ts";
import { sampleCaller } from "./support/sample-caller.ts";

type Server = Awaited<ReturnType<ReconcilerBench["open"]>>;

const callerOf = (name: string, role = "developer") => sampleCaller({ principal: { name, roles: [role] } });
const root = callerOf("admin", "admin");

let bench: ReconcilerBench;
beforeEach(async () => {
  bench = await openReconcilerBench();
});
afterEach(() => bench[Symbol.asyncDispose]());

const none = { jobs: null, jobsPerHour: null, cpu: null, memory: null, storedBytes: null };
const bound = (
  { context }: Server,
  named: Partial<QuotaBounds>,
  name = "ann",
  kind: "user" | "group" = "user",
) => setQuota(context, { caller: root, kind, name, bounds: { ...none, ...named } });

async function submitWith(
  { context }: Server,
  name: string,
  { args = ["hang"], ...spec }: Partial<JobSpec>,
): Promise<string> {
  const request = { caller: callerOf(name), spec: { command: "fake", args, ...spec }, idempotencyKey: null };
  return (await submitJob(context, request)).job.id;
}

const causeOf = async ({ context }: Server, name: string, id: string) =>
  (await getJob(context, { caller: callerOf(name), id })).cause;

const upload = async ({ context }: Server, name: string, bytes: number) =>
  await receiveUpload(context, {
    caller: callerOf(name),
    sha256: null,
    offset: null,
    length: bytes,
    bodyBytes: bytes,
    isLast: true,
    source: Readable.from([randomBytes(bytes)]),
    signal: AbortSignal.timeout(60_000),
  });

async function join({ context }: Server, group: string, ...members: string[]): Promise<void> {
  for (const member of members) await context.store.groups.add({ group, member, source: "local" });
  await context.groups.reload(() => context.store.groups.memberships());
}

describe("a quota of cores and memory at once", () => {
  it("keeps the next of an owner waiting that does not fit, and none of anybody else", async () => {
    await using server = await bench.open({ maxJobs: 8 });
    await bound(server, { cpu: "2", memory: "1Gi" });
    const large = await submitWith(server, "ann", { resources: { cpu: "1.5", memory: "100Mi" } });
    await bench.untilState(large, "running");
    const waits = await submitWith(server, "ann", { resources: { cpu: "1", memory: "100Mi" } });
    // It would fit, and is no more urgent: it does not overtake.
    const behind = await submitWith(server, "ann", { resources: { cpu: "0.1", memory: "1Mi" } });
    expect(await causeOf(server, "ann", waits)).toEqual({
      code: "waiting_for_quota",
      message:
        "Its owner uses 1.5 of 2 cores that it may use at once, and the next job needs 1; 0 of its own ahead",
      evidence: { quota: "cpu", used: 1.5, limit: 2, asked: 1, ahead: 0 },
    });
    expect(await causeOf(server, "ann", behind)).toMatchObject({
      code: "waiting_for_quota",
      evidence: { asked: 1, ahead: 1 },
    });
    await bench.untilState(await submitWith(server, "bob", { resources: { cpu: "8" } }), "running");
    const urgent = { priority: 9, resources: { cpu: "0.5", memory: "1Mi" } };
    const overtakes = await submitWith(server, "ann", urgent);
    await bench.untilState(overtakes, "running");
    for (const id of [overtakes, large])
      await stopJob(server.context, { caller: callerOf("ann"), id, graceMs: 0 });
    for (const id of [waits, behind]) await bench.untilState(id, "running");
    const lacksMemory = await submitWith(server, "ann", { resources: { cpu: "0.1", memory: "1000Mi" } });
    expect(await causeOf(server, "ann", lacksMemory)).toMatchObject({
      message:
        "Its owner uses 101 MiB of 1 GiB memory that it may use at once, and the next job needs 1000 MiB; 0 of its own ahead",
    });
    await bound(server, { cpu: "2", memory: "2Gi" });
    await bench.untilState(lacksMemory, "running");
  });

  it("refuses what asks for more than there is, and says of what", async () => {
    await using server = await bench.open({ maxJobs: 8 });
    await bound(server, { cpu: "2", memory: "1Gi" });
    await expect(submitWith(server, "ann", { resources: { cpu: "2.5" } })).rejects.toMatchObject({
      code: "QUOTA_EXCEEDED",
      message: 'Cannot submit job: it asks for 2.5 cores, and "ann" may use 2 at once',
      fix: "Ask for less as its `cpu`, or ask an administrator for more: `berth quota list`",
    });
    await expect(submitWith(server, "ann", { resources: { memory: "2Gi" } })).rejects.toThrow(
      "2 GiB of memory",
    );
  });

  it("lowered below what a waiting job asks for lets its owner's others pass it, also after a restart", async () => {
    await using before = await bench.open({ maxJobs: 8 });
    await bound(before, { cpu: "4" });
    const runs = await submitWith(before, "ann", { resources: { cpu: "3" } });
    await bench.untilState(runs, "running");
    const large = await submitWith(before, "ann", { resources: { cpu: "4" } });
    const larger = await submitWith(before, "ann", { resources: { cpu: "3.5" } });
    const small = await submitWith(before, "ann", { resources: { cpu: "0.5" } });
    await bound(before, { cpu: "2" });
    expect(await causeOf(before, "ann", large)).toEqual({
      code: "waiting_for_quota",
      message:
        "Its owner may use 2 cores at once, and this job alone needs 4: others pass it until that is raised; 0 of its own ahead",
      evidence: { quota: "cpu", used: 3, limit: 2, asked: 4, ahead: 0 },
    });
    expect(await causeOf(before, "ann", small)).toMatchObject({ evidence: { used: 3, asked: 0.5 } });
    await stopJob(before.context, { caller: callerOf("ann"), id: runs, graceMs: 0 });
    await bench.untilState(small, "running");
    const another = await submitWith(before, "ann", { resources: { cpu: "1.5" } });
    await bench.untilState(another, "running");
    const waits = await submitWith(before, "ann", { resources: { cpu: "2" } });
    expect(await causeOf(before, "ann", waits)).toMatchObject({ evidence: { used: 2, asked: 2, ahead: 2 } });
    await before[Symbol.asyncDispose]();
    await using after = await bench.open({ maxJobs: 8 });
    for (const id of [small, another])
      await stopJob(after.context, { caller: callerOf("ann"), id, graceMs: 0 });
    await bench.untilState(waits, "running");
    for (const id of [large, larger]) expect((await bench.store.jobs.get(id))?.state).toBe("queued");
    expect(after.context.scheduler.slots("fake").queued).toBe(2);
    await stopJob(after.context, { caller: callerOf("ann"), id: larger, graceMs: 0 });
    await bound(after, { cpu: "6" });
    await bench.untilState(large, "running");
  });

  it("of a group is that of all its members, also of those that an earlier server began", async () => {
    await using before = await bench.open({ maxJobs: 8 });
    await join(before, "lab", "ann", "bob");
    await bound(before, { cpu: "3" }, "Lab", "group");
    const first = await submitWith(before, "ann", { resources: { cpu: "2" } });
    await bench.untilState(first, "running");
    const waits = await submitWith(before, "bob", { resources: { cpu: "2" } });
    expect(await causeOf(before, "bob", waits)).toMatchObject({
      message:
        'Group "lab" uses 2 of 3 cores that it may use at once, and the next job needs 2; 0 of its own ahead',
      evidence: { group: "lab" },
    });
    await before[Symbol.asyncDispose]();
    await using after = await bench.open({ maxJobs: 8 });
    const small = await submitWith(after, "ann", { resources: { cpu: "1" } });
    await bench.untilState(small, "running");
    expect((await bench.store.jobs.get(waits))?.state).toBe("queued");
    for (const id of [first, small])
      await stopJob(after.context, { caller: callerOf("ann"), id, graceMs: 0 });
    await bench.untilState(waits, "running");
    const alone = await submitWith(after, "ann", { resources: { cpu: "2" } });
    expect(await causeOf(after, "ann", alone)).toMatchObject({ code: "waiting_for_quota" });
    await after.context.store.groups.remove({ group: "lab", member: "bob", source: "local" });
    await after.context.groups.reload(() => after.context.store.groups.memberships());
    await bench.untilState(alone, "running");
  });
});

describe("a quota of stored bytes", () => {
  it("refuses the next job once output takes it up, also after a restart, until something is deleted", async () => {
    await using before = await bench.open({ maxJobs: 8 });
    await join(before, "lab", "ann", "bob");
    const prints = { args: ["print=0123456789", "exit=0"] };
    const id = await submitWith(before, "ann", prints);
    const ended = await bench.untilState(id, "succeeded");
    expect(ended.usage.outputBytes).toBeGreaterThan(0);
    await bound(before, { storedBytes: ended.usage.outputBytes + 1 }, "lab", "group");
    const second = await submitWith(before, "bob", prints);
    await bench.untilState(second, "succeeded");
    const refusal = {
      code: "QUOTA_EXCEEDED",
      message: `Cannot submit job: Group "lab" stores ${2 * ended.usage.outputBytes} B of the ${ended.usage.outputBytes + 1} B that its quota allows, in output, artifacts and uploads`,
      fix: "Delete jobs that have ended, or uploads, or ask an administrator for more: `berth quota list`",
    };
    await expect(submitWith(before, "ann", prints)).rejects.toMatchObject(refusal);
    await before[Symbol.asyncDispose]();
    await using after = await bench.open({ maxJobs: 8 });
    await expect(submitWith(after, "bob", prints)).rejects.toMatchObject(refusal);
    await submitWith(after, "carl", prints);
    await deleteJob(after.context, { caller: callerOf("ann"), id });
    await bench.untilState(await submitWith(after, "bob", prints), "succeeded");
    expect(await listQuotas(after.context, { caller: root })).toMatchObject([
      { group: "lab", user: null, used: { storedBytes: 2 * ended.usage.outputBytes } },
    ]);
  });

  it("refuses an upload before a byte of it where there is no room for all, and counts what came", async () => {
    await using server = await bench.open();
    await join(server, "lab", "ann", "bob");
    await bound(server, { storedBytes: "1000B" }, "lab", "group");
    await upload(server, "ann", 600);
    await expect(upload(server, "bob", 401)).rejects.toMatchObject({
      code: "QUOTA_EXCEEDED",
      message: expect.stringMatching(
        /^Cannot take upload "\S+": Group "lab" stores 600 B of the 1000 B /,
      ) as string,
    });
    await upload(server, "carl", 401);
    await upload(server, "bob", 400);
    await expect(submitWith(server, "ann", {})).rejects.toMatchObject({ code: "QUOTA_EXCEEDED" });
    const many = await Promise.allSettled(Array.from({ length: 8 }, () => upload(server, "bob", 1)));
    expect(many.every(({ status }) => status === "rejected")).toBe(true);
  });
});
