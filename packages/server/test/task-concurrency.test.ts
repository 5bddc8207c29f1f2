import type { JobState, TaskSpec } from "@berth/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Context } from "../src/operations/context.ts";
import { getJob } from "../src/operations/jobs/get-job.ts";
import { stopJob } from "../src/operations/jobs/stop-job.ts";
import { submitJob } from "../src/operations/jobs/submit-job.ts";
import { createDefinition } from "../src/operations/tasks/definitions/create-definition.ts";
import { runTask } from "../src/operations/tasks/run-task.ts";
import { openReconcilerBench, type ReconcilerBench } from "./support/reconciler-bench.ts";
import { sampleCaller } from "./support/sample-caller.ts";
import { until } from "./support/until.ts";

const caller = sampleCaller({ principal: { name: "admin", roles: ["admin"] } });
let bench: ReconcilerBench;
let open: Awaited<ReturnType<ReconcilerBench["open"]>>;
const context = (): Context => open.context;

beforeAll(async () => {
  bench = await openReconcilerBench();
  open = await bench.open({ maxJobs: 8 });
  await createDefinition(context(), { caller, kind: "runner", name: "plain", spec: {} });
});
afterAll(async () => {
  await open[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

async function define(name: string, concurrency: TaskSpec["concurrency"]): Promise<void> {
  const spec: TaskSpec = { runner: "plain", command: ["fake", "hang"], concurrency };
  await createDefinition(context(), { caller, kind: "task", name, spec });
}
const run = async (name: string, idempotencyKey: string | null = null): Promise<string> =>
  (await runTask(context(), { caller, name, input: new Uint8Array(), idempotencyKey })).job.id;
const stop = (id: string) => stopJob(context(), { caller, id, graceMs: 0 });
const causeOf = async (id: string) => (await getJob(context(), { caller, id })).cause;
const statesOf = async (ids: readonly string[]): Promise<(JobState | null)[]> =>
  Promise.all(ids.map((id) => bench.store.jobs.state(id)));

it("of a task are as many at once as it says, the others in their turn, and nobody else waits for them", async () => {
  await define("queues", { most: 2 });
  const ids = await Promise.all(Array.from({ length: 5 }, () => run("queues")));
  ids.sort();
  const running = async () =>
    (
      await Promise.all(ids.map(async (id) => ((await bench.store.jobs.state(id)) === "running" ? id : "")))
    ).filter((id) => id !== "");
  await until(async () => (await running()).length === 2, { what: "two runs" });
  const waiting = (await statesOf(ids)).filter((state) => state === "queued");
  expect(waiting).toHaveLength(3);
  const [first = ""] = await running();
  const last = ids.findLast((id) => id !== first) ?? "";
  expect(await causeOf(last)).toMatchObject({
    code: "waiting_for_task",
    evidence: { task: "queues", limit: 2, ahead: 2 },
  });
  // Of the same owner, behind those that wait.
  const spec = { command: "fake", args: ["exit=0"] };
  const { job } = await submitJob(context(), { caller, spec, idempotencyKey: null });
  await bench.untilState(job.id, "succeeded");
  expect((await statesOf(ids)).filter((state) => state === "queued")).toHaveLength(3);
  // One that waits can be stopped; one that ends makes room.
  expect((await stop(last)).id).toBe(last);
  await until(async () => (await bench.store.jobs.state(last)) === "canceled", { what: "the stop" });
  for (let left = 4; left > 0; left -= 1) {
    await until(async () => (await running()).length === Math.min(left, 2), { what: `${left} are left` });
    const [next = ""] = await running();
    await stop(next);
    await until(async () => (await bench.store.jobs.state(next)) === "canceled", { what: "its end" });
  }
  expect(new Set(await statesOf(ids))).toEqual(new Set(["canceled"]));
});

it("beyond what it allows are refused where it says so, but for one that is sent again", async () => {
  await define("refuses", { most: 1, next: "refuse" });
  const id = await run("refuses", "once");
  await expect(run("refuses")).rejects.toMatchObject({ code: "TASK_BUSY" });
  expect(await run("refuses", "once")).toBe(id);
  await stop(id);
  await until(async () => (await bench.store.jobs.state(id)) === "canceled", { what: "the stop" });
  await stop(await run("refuses"));
});

it("take the place of the oldest where it says so", async () => {
  await define("replaces", { most: 1, next: "replace" });
  const ids: string[] = [];
  for (let n = 0; n < 3; n += 1) ids.push(await run("replaces"));
  const [, , newest = ""] = ids;
  await bench.untilState(newest, "running");
  expect(await statesOf(ids)).toEqual(["canceled", "canceled", "running"]);
  expect(await causeOf(ids[0] ?? "")).toMatchObject({ code: "stopped", evidence: { replacedBy: ids[1] } });
  await stop(newest);
});

it("wait on when the server goes down, and go on under the next one", async () => {
  await define("lasts", { most: 1 });
  const [first, second] = [await run("lasts"), await run("lasts")];
  await bench.untilState(first, "running");
  await open[Symbol.asyncDispose]();
  open = await bench.open({ maxJobs: 8 });
  expect(await statesOf([first, second])).toEqual(["running", "queued"]);
  await stop(first);
  await bench.untilState(second, "running");
  const third = await run("lasts");
  expect(await causeOf(third)).toMatchObject({
    code: "waiting_for_task",
    message: expect.stringContaining("next") as string,
  });
  await stop(third);
  await stop(second);
  await until(async () => (await bench.store.jobs.state(second)) === "canceled", { what: "the end" });
});
