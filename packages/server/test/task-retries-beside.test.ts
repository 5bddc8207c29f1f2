import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { retryRun } from "../src/operations/tasks/retry-run.ts";
import { CallbackReceiver, type Told } from "./support/callback-receiver.ts";
import { RetriesBench } from "./support/retries-bench.ts";
import { sampleCaller } from "./support/sample-caller.ts";
import { until } from "./support/until.ts";

/* What else hears of runs that are made again, and what they meet: who is called back, a queue that is full, a sweep. */

const secret = `whsec_${randomBytes(32).toString("base64")}`;
const hour = 3_600_000;

let on: RetriesBench;
let receiver: CallbackReceiver;
beforeAll(async () => {
  on = await RetriesBench.open({ maxJobs: 1 }, { callbacks: ["127.0.0.0/8"], queueLength: 1 });
  await on.context.secrets.create("hook", { values: { key: secret }, short: false });
});
afterAll(() => on[Symbol.asyncDispose]());
beforeEach(async () => {
  on.isDown = true;
  receiver = await CallbackReceiver.open(secret);
  return () => receiver[Symbol.asyncDispose]();
});

const callbacks = () => [{ url: receiver.origin, secret: "hook" }];
const retryOf = async (id: string) => (await on.store.jobs.get(id))?.retry;
/** As when the host's clock shows that much more. */
const dueAfter = (id: string, ms: number) => retryRun({ ...on.context, now: () => Date.now() + ms }, id);
const heard = async (most: number): Promise<Told["body"]["data"][]> => {
  await until(() => receiver.told.length >= most, { what: `message ${most}` });
  return receiver.told.map(({ body }) => body.data);
};

it("has its receivers told of the end of each run, and whether that was the last", async () => {
  const first = await on.run({ retry: { most: 1, backoff: "1s" }, callbacks: callbacks() });
  const [one] = await heard(1);
  const retryAt = new Date((await retryOf(first))?.at ?? 0).toISOString();
  const isDue = { retryOf: null, retryAt, notRetried: null };
  expect(one).toMatchObject({ id: first, state: "failed", retry: { attempt: 1, ...isDue } });
  on.isDown = false;
  const second = await on.again(first);
  const [, other] = await heard(2);
  const last = { attempt: 2, retryOf: first, retryAt: null, retriedAs: null, notRetried: null };
  expect(other).toMatchObject({ id: second, state: "succeeded", retry: last });
  expect(receiver.told).toHaveLength(2);
});

it("says nothing of it to receivers of a run that is not made again", async () => {
  on.isDown = false;
  await on.run({ retry: { most: 1, backoff: "1s" }, callbacks: callbacks() });
  const [one] = await heard(1);
  expect(one).toMatchObject({ state: "succeeded" });
  expect(one).not.toHaveProperty("retry");
});

it("has its receivers told where it is not made again after all", async () => {
  // Whoever is not here to show that token is nobody's admin.
  const caller = sampleCaller({ principal: { name: "ann", roles: ["admin"] } });
  const spec = { retry: { most: 3, backoff: "1s" }, callbacks: callbacks() };
  const id = await on.run(spec, { caller });
  const [one, other] = await heard(2);
  expect([one?.["id"], other?.["id"]]).toEqual([id, id]);
  expect(one).toMatchObject({ retry: { notRetried: null } });
  expect(other).toMatchObject({ retry: { retriedAs: null, notRetried: (await retryOf(id))?.why } });
  expect((await retryOf(id))?.why).toContain("task");
});

it("is put off while the queue is full, is made when there is room, and given up after a day", async () => {
  const retry = { most: 1, backoff: "1h" };
  const first = await on.run({ retry });
  const failed = await on.ended(first);
  const other = await on.run({ retry });
  await on.ended(other);
  on.isDown = false;
  const hanging = await on.run({ command: ["fake", "hang"] });
  const waiting = await on.run({});
  await expect(on.run({})).rejects.toMatchObject({ code: "QUEUE_FULL" });
  await dueAfter(first, hour);
  const putOff = (await retryOf(first))?.at ?? 0;
  expect(putOff - (failed.endedAt ?? 0)).toBeGreaterThan(hour);
  expect((await retryOf(first))?.as).toBeUndefined();
  await dueAfter(other, 26 * hour);
  expect((await retryOf(other))?.why).toContain("jobs wait already");
  for (const id of [hanging, waiting]) await stop(id);
  // Not before its time.
  await dueAfter(first, putOff - Date.now() - 1000);
  expect((await retryOf(first))?.as).toBeUndefined();
  await dueAfter(first, 2 * hour);
  expect((await on.ended(await on.again(first))).state).toBe("succeeded");
});

it("waits for room in its task, and takes nobody's place", async () => {
  const concurrency = { most: 1, next: "replace" } as const;
  const first = await on.run({ retry: { most: 1, backoff: "1h" }, concurrency, command: ["fake", "hang"] });
  const name = (await on.ended(first)).task?.name ?? "";
  on.isDown = false;
  const newer = await on.runTask(name);
  await on.bench.untilState(newer, "running");
  await dueAfter(first, hour);
  const second = await on.again(first);
  expect((await on.store.jobs.get(newer))?.stop).toBeNull();
  expect((await on.store.jobs.get(second))?.state).toBe("queued");
  await stop(newer);
  await on.bench.untilState(second, "running");
  await stop(second);
  // Whoever asked for it to be stopped wants it no more.
  expect(await retryOf(second)).toEqual({ attempt: 2, of: first });
});

it("is not made again where its input is not there any more, which its job says", async () => {
  const first = await on.run({ retry: { most: 1, backoff: "1h" } }, { input: `"${"x".repeat(100_000)}"` });
  await on.ended(first);
  await on.store.jobs.dropInputs(first);
  await dueAfter(first, hour);
  expect((await retryOf(first))?.why).toBe("its input is not there any more");
});

async function stop(id: string): Promise<void> {
  const cause = { code: "stopped", message: "Stopped", evidence: {} } as const;
  await on.store.jobs.update(id, { stop: { cause, graceMs: 0, requestedAt: Date.now() } });
  on.context.scheduler.wake(id);
  await on.ended(id);
}
