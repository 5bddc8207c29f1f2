import type { Job as Seen } from "@berth/protocol";
import type { Job } from "../../packages/server/src/core/job/job.ts";
import { KeptSpec } from "../../packages/server/src/core/job/kept-spec.ts";
import { eachLimit, type LimitDefaults, limitsOf } from "../../packages/server/src/core/limits.ts";
import { createIdSource } from "../../packages/server/src/lib/ids.ts";
import { openSqliteStore } from "../../packages/server/src/store/sqlite/open.ts";
import type { JobStore, Store } from "../../packages/server/src/store/store.ts";

/** Writes that may be on their way at once: the store commits them together. */
const AT_ONCE = 200;
const SPREAD_MS = 24 * 3600 * 1000;

const noLimits: LimitDefaults = { ...eachLimit(() => null), outputBytes: 0 };

/** Stores `count` finished jobs like `seen`, spread over the last day, through the store's own door. */
export async function fillHistory(path: string, options: { count: number; seen: Seen }): Promise<void> {
  await using store = await openSqliteStore({ path });
  await fillStore(store, options);
}

export async function fillStore(store: Store, options: { count: number; seen: Seen }): Promise<void> {
  const began = Date.now() - SPREAD_MS;
  let clock = began;
  const nextId = createIdSource(() => clock);
  let left = options.count;
  const worker = async () => {
    while (left-- > 0) {
      clock += SPREAD_MS / options.count / 2;
      await storeFinished(store.jobs, finishedJob(options.seen, { id: nextId(), at: Math.round(clock) }));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function storeFinished(jobs: JobStore, job: Job): Promise<void> {
  const { cause, exitCode, startedAt, endedAt, usage, ...rest } = job;
  const fresh: Job = {
    ...rest,
    state: "preparing",
    cause: null,
    exitCode: null,
    startedAt: null,
    endedAt: null,
    usage,
  };
  await jobs.insert({ job: fresh, inputs: { files: [], stdin: null }, idempotency: null });
  await jobs.transition(job.id, "running", { at: job.createdAt, startedAt });
  await jobs.transition(job.id, "succeeded", { at: job.createdAt, endedAt, cause, exitCode, usage });
}

function finishedJob(seen: Seen, { id, at }: { id: string; at: number }): Job {
  return {
    ...seen,
    priority: 0,
    network: null,
    contacts: null,
    task: null,
    source: null,
    alias: null,
    callbacks: null,
    retry: null,
    spec: KeptSpec.of(seen.spec),
    id,
    createdAt: at,
    submittedSinceBoot: null,
    startedAt: at,
    endedAt: at,
    deadlineAt: null,
    handle: null,
    resultJson: null,
    limits: limitsOf({}, noLimits),
    stagesBefore: 0,
    stop: null,
  };
}
