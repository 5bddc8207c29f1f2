import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { RetriesBench } from "./support/retries-bench.ts";
import { sampleCaller } from "./support/sample-caller.ts";
import { until } from "./support/until.ts";

let on: RetriesBench;
beforeAll(async () => {
  on = await RetriesBench.open();
});
beforeEach(() => {
  on.isDown = true;
});
afterAll(() => on[Symbol.asyncDispose]());

const dueAfterAll = (): Promise<number | null> => on.store.retries.firstAfter(0);

it("is made again after the engine failed, with all that it was made with, until it is there", async () => {
  const input = `{"m": "${"x".repeat(100_000)}"}`;
  const first = await on.run({ retry: { most: 3, backoff: "1s" } }, { input });
  const failed = await on.ended(first);
  expect(failed).toMatchObject({
    state: "failed",
    cause: { code: "engine_failed", message: expect.stringContaining("; it is run again at 2") as string },
    retry: { attempt: 1, of: null },
  });
  const second = await on.again(first);
  expect(await on.ended(second)).toMatchObject({ state: "failed", retry: { attempt: 2, of: first } });
  on.isDown = false;
  const third = await on.ended(await on.again(second));
  expect(third).toMatchObject({
    state: "succeeded",
    owner: "admin",
    name: failed.name,
    labels: { a: "b" },
    priority: 7,
    task: failed.task,
    retry: { attempt: 3, of: first },
  });
  expect(third.createdAt - (failed.endedAt ?? 0)).toBeGreaterThanOrEqual(1000);
  expect(third.spec.view).toEqual(failed.spec.view);
  // Kept for as long as they may be wanted.
  for (const id of [first, second]) expect((await on.store.jobs.inputs(id)).files).toEqual([]);
});

it("is made again at most so many times", async () => {
  const first = await on.run({ retry: { most: 1, backoff: "1s" } });
  const last = await on.ended(await on.again(first));
  expect(last).toMatchObject({ state: "failed", retry: { attempt: 2, of: first } });
  expect([last.retry?.at, last.cause?.evidence["retryAt"]]).toEqual([undefined, undefined]);
  expect(await dueAfterAll()).toBeNull();
});

it("is not made again where its task says nothing, or the command itself has failed", async () => {
  expect((await on.ended(await on.run({}))).retry).toBeNull();
  on.isDown = false;
  const retry = { most: 3, backoff: "1s", idempotent: true };
  for (const step of ["exit=1", "signal=SIGSEGV", "oom", "missing"])
    expect([step, (await on.ended(await on.run({ retry, command: ["fake", step] }))).retry]).toEqual([
      step,
      null,
    ]);
  expect(await dueAfterAll()).toBeNull();
});

it("is made again where its command had begun only if that does no harm", async () => {
  on.isDown = false;
  for (const step of ["break=the disk is gone", "vanish"]) {
    const command = ["fake", step];
    const once = await on.ended(await on.run({ command, retry: { most: 1, backoff: "1s" } }));
    expect([step, once.retry]).toEqual([step, null]);
    const retry = { most: 1, backoff: "1s", idempotent: true };
    const twice = await on.ended(await on.again(await on.run({ command, retry })));
    expect([step, twice.retry?.attempt]).toEqual([step, 2]);
  }
});

it("is not made again for whoever may not run it any more, which its job says", async () => {
  // Whoever is not here to show that token is nobody's admin.
  const caller = sampleCaller({ principal: { name: "ann", roles: ["admin"] } });
  const id = await on.run({ retry: { most: 3, backoff: "1s" } }, { caller });
  const why = await until(async () => (await on.store.jobs.get(id))?.retry?.why, { what: "the refusal" });
  expect(why).toContain("task");
  expect((await on.store.jobs.get(id))?.retry?.as).toBeUndefined();
  expect(await dueAfterAll()).toBeNull();
});

it("is made again once, by the server after the one whose job it was", async () => {
  const first = await on.run({ retry: { most: 1, backoff: "2s" } });
  await on.ended(first);
  await on.closeServer();
  expect(await dueAfterAll()).not.toBeNull();
  on.isDown = false;
  await on.openServer();
  expect(await on.ended(await on.again(first))).toMatchObject({ state: "succeeded", retry: { attempt: 2 } });
});
