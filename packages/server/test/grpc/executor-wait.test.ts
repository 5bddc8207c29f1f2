import { ExecutionInfoReply_ExecutionStatus as ExecutionStatus } from "@berth/protocol/executor";
import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { failure } from "../support/call-failure.ts";
import { type ExecutorBench, openExecutorBench } from "../support/executor-bench.ts";
import type { ExecutorClient } from "../support/executor-client.ts";
import { until } from "../support/until.ts";

let bench: ExecutorBench;
let ann: ExecutorClient;
beforeEach(async () => {
  bench = await openExecutorBench();
  ann = await bench.client("ann");
});
afterEach(() => bench[Symbol.asyncDispose]());

const of = (value: string) => ({ executionId: { value } });

/** The only job there is, once it is there. */
function onlyJob(): Promise<{ id: string }> {
  const { jobs } = bench.api.context.store;
  const filter = { owner: "ann", states: null, labels: [], name: null, task: null, createdAfter: null };
  return until(
    async () => (await jobs.list({ ...filter, createdBefore: null, limit: 2, cursor: null })).items[0],
    { what: "the job" },
  );
}

describe("ExecuteCommand with waitMs", () => {
  it("answers once the command has ended, with how it ended", async () => {
    let answered = false;
    const answer = ann.call("executeCommand", { command: "true", waitMs: 60_000 }).finally(() => {
      answered = true;
    });
    const { id } = await onlyJob();
    await bench.api.jobs.move(id, "preparing");
    await bench.api.jobs.move(id, "running");
    expect(answered).toBe(false);
    await bench.api.jobs.move(id, "succeeded", { exitCode: 0 });
    expect(await answer).toMatchObject({
      ...of(id),
      execution: { ...of(id), status: ExecutionStatus.FINISHED, exitCode: 0, state: "succeeded" },
    });
  });

  it("answers with the execution as it is when the wait is over", async () => {
    const { execution } = await ann.call("executeCommand", { command: "true", waitMs: 1 });
    expect(execution?.status).toBe(ExecutionStatus.NOT_STARTED);
  });

  it("says nothing of the end when nobody asked to wait, as in the original design", async () => {
    const reply = await ann.call("executeCommand", { command: "true" });
    expect(reply.execution).toBeUndefined();
  });

  it("leaves the command alone when the caller's deadline comes first", async () => {
    const call = ann.call("executeCommand", { command: "true", waitMs: 60_000 }, { deadlineMs: 1500 });
    expect((await failure(call)).code).toBe(status.DEADLINE_EXCEEDED);
    const { id } = await onlyJob();
    expect((await ann.call("getExecution", of(id))).status).toBe(ExecutionStatus.NOT_STARTED);
  });
});

describe("a server that shuts down", () => {
  it("tells who waits what it has stored, so that nobody runs it again", async () => {
    const answer = ann.call("executeCommand", { command: "true", waitMs: 60_000 });
    const { id } = await onlyJob();
    await bench.close();
    expect(await answer).toMatchObject({ ...of(id), execution: { status: ExecutionStatus.NOT_STARTED } });
  });
});

describe("GetExecution with waitMs", () => {
  it("answers at the end, at once when that has been, and in time when it does not come", async () => {
    const job = await bench.api.runningJob();
    const early = await ann.call("getExecution", { ...of(job.id), waitMs: 1 });
    expect(early.status).toBe(ExecutionStatus.RUNNING);
    const waiting = ann.call("getExecution", { ...of(job.id), waitMs: 2 ** 32 - 1 });
    await job.end({ exitCode: 0 });
    expect((await waiting).status).toBe(ExecutionStatus.FINISHED);
    const late = await ann.call("getExecution", { ...of(job.id), waitMs: 60_000 });
    expect(late.status).toBe(ExecutionStatus.FINISHED);
  });
});
