import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { noInputs, sampleJob } from "../../../test/support/sample-job.ts";
import { type TempFolder, tempFolder } from "../../../test/support/temp-folder.ts";
import { until } from "../../../test/support/until.ts";
import type { Job } from "../../core/job/job.ts";
import { createManualClock } from "../../lib/manual-clock.ts";
import { openSqliteStore } from "../../store/sqlite/open.ts";
import type { Store } from "../../store/store.ts";
import { type RunningJob, runningSince } from "./running-job.ts";

const clock = createManualClock();
let folder: TempFolder;
let store: Store;
let started: string[];

beforeEach(async () => {
  folder = tempFolder();
  store = await openSqliteStore({ path: join(folder.path, "berth.db") });
  started = [];
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function begun(): Promise<{ job: Job; running: RunningJob; startedAt: number }> {
  const job = { ...sampleJob({ state: "preparing" }), handle: "fake" };
  await store.jobs.insert({ job, inputs: noInputs, idempotency: null });
  const startedAt = clock.now();
  const report = {
    jobStarted: ({ id }: Job) => void started.push(id),
    jobEnded: () => undefined,
    fault: () => undefined,
  };
  const running = runningSince({ store, clock, report }, job, {
    startedAt,
    ended: false,
    ageMs: null,
    revisit: () => undefined,
  });
  return { job, running, startedAt };
}

it("leaves the start of a job that is over within 50 ms to be stored with its end", async () => {
  const { job, running, startedAt } = await begun();
  clock.advance(49);
  expect(running.unrecorded()).toMatchObject({ state: "running", at: startedAt });
  clock.advance(10_000);
  // Stored after whatever was stored before it.
  const later = await begun();
  expect((await store.jobs.get(later.job.id))?.state).toBe("preparing");
  expect((await store.jobs.get(job.id))?.state).toBe("preparing");
  expect(started).toEqual([]);
});

it("stores the start of one that goes on, with the time that it had", async () => {
  const { job, running, startedAt } = await begun();
  clock.advance(50);
  await until(() => started.length > 0, { what: "the start to be stored" });
  expect(await store.jobs.get(job.id)).toMatchObject({ state: "running", startedAt });
  expect(running.unrecorded()).toBeNull();
});
