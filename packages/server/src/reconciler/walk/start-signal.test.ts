import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it } from "vitest";
import { sampleJob } from "../../../test/support/sample-job.ts";
import { createManualClock } from "../../lib/manual-clock.ts";
import { startSignal } from "./start-signal.ts";
import { noNetwork } from "../../core/network/profile.ts";
import { JobsBeingStored } from "./storing.ts";
import type { Walk } from "./walk.ts";

it("counts the start timeout of a job that is being stored from when it is", async () => {
  const clock = createManualClock();
  const jobs = new JobsBeingStored();
  const job = sampleJob();
  const walk: Walk = {
    jobId: job.id,
    fresh: true,
    storing: jobs.begin(job, noNetwork),
    inherited: false,
    signal: new AbortController().signal,
    onChange: () => undefined,
    unwatch: () => undefined,
    recovered: () => undefined,
    revisit: () => undefined,
  };
  const store = { jobs: { get: () => Promise.resolve(job) } };
  using held = startSignal({ clock, store, report: { fault: () => undefined } }, { walk, leftMs: 100 });
  clock.advance(1000);
  expect(held.signal.aborted).toBe(false);
  jobs.end(job.id, true);
  await nextTurn();
  clock.advance(1000);
  expect(held.signal.aborted).toBe(true);
});
