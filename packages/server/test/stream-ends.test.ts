import type { JobState } from "@berth/protocol";
import { OutputStream } from "@berth/protocol/executor";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { Job } from "../src/core/job/job.ts";
import type { Context } from "../src/operations/context.ts";
import type { RunningJob } from "./support/api-bench.ts";
import type { ExecutorClient } from "./support/executor-client.ts";
import { type ExecutorBench, openExecutorBench } from "./support/executor-bench.ts";

/** What the store goes on saying of a job though it has written another state; null says what is. */
let before: Job | null = null;
const watchers = new Set<() => void>();

let bench: ExecutorBench;
let url: string;
let ann: ExecutorClient;
beforeAll(async () => {
  const subscribe: Context["store"]["subscribe"] = (_, watcher) => {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  };
  bench = await openExecutorBench(({ store }) => ({
    store: { ...store, jobs: lagging(store.jobs), subscribe },
  }));
  url = await bench.api.listen();
  ann = await bench.client("ann");
});
afterAll(() => bench[Symbol.asyncDispose]());
beforeEach(() => {
  before = null;
});

function lagging(jobs: Context["store"]["jobs"]): Context["store"]["jobs"] {
  return new Proxy(jobs, {
    get(target, name) {
      if (name === "get") return (id: string) => (before?.id === id ? before : target.get(id));
      if (name === "state") return (id: string) => (before?.id === id ? before.state : target.state(id));
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

/** Follows a path of the job to the end of the answer, and says in which state the job was by then. */
async function stateAtEndOf(job: RunningJob, path: string, accept: string): Promise<JobState> {
  const authorization = `Bearer ${bench.api.tokens.ann}`;
  const answer = await fetch(`${url}/api/v1/jobs/${job.id}/${path}`, { headers: { authorization, accept } });
  await answer.text();
  const shown = await bench.api.call(`GET /api/v1/jobs/${job.id}`);
  return (shown.body as { state: JobState }).state;
}

async function stateAtEndOfCall(job: RunningJob, name: "getOutStream" | "watchExecution"): Promise<string> {
  const executionId = { value: job.id };
  const request = name === "getOutStream" ? { executionId, stream: OutputStream.ALL } : { executionId };
  for await (const _ of ann.open(name, request));
  return (await ann.call("getExecution", { executionId })).state;
}

/** So often each door has answered others: what was on its way to a reader has come. */
async function othersAreServed(): Promise<void> {
  for (let round = 0; round < 20; round += 1) {
    await bench.api.call("GET /api/v1/jobs");
    await ann.call("listAllExecutions", {});
  }
}

it("ends a stream of output, over each door and in each form, when the end of the job is stored", async () => {
  const job = await bench.api.runningJob();
  await job.write("last words");
  const states = Promise.all([
    stateAtEndOf(job, "output?follow=true", "application/octet-stream"),
    stateAtEndOf(job, "output?follow=true", "application/x-ndjson"),
    stateAtEndOf(job, "output?follow=true", "text/event-stream"),
    stateAtEndOfCall(job, "getOutStream"),
  ]);
  await job.finishOutput();
  await othersAreServed();
  await job.end();
  for (const watcher of watchers) watcher();
  expect(await states).toEqual(["succeeded", "succeeded", "succeeded", "succeeded"]);
});

it("ends a stream of events, over each door, when the job is seen to have ended too", async () => {
  const job = await bench.api.runningJob();
  before = await bench.api.context.store.jobs.get(job.id);
  // Written, and the write not answered yet: the event can be read already.
  await job.end();
  const states = Promise.all([
    stateAtEndOf(job, "events", "text/event-stream"),
    stateAtEndOfCall(job, "watchExecution"),
  ]);
  await othersAreServed();
  before = null;
  for (const watcher of watchers) watcher();
  expect(await states).toEqual(["succeeded", "succeeded"]);
});
