import { once } from "node:events";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import {
  ExecutionInfoReply_ExecutionStatus as ExecutionStatus,
  StopCommandReply_StopStatus as StopStatus,
} from "@berth/protocol/executor";
import { type ServiceError, status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { detailsOf, failure } from "../support/call-failure.ts";
import { type ExecutorBench, openExecutorBench } from "../support/executor-bench.ts";
import type { ExecutorClient } from "../support/executor-client.ts";
import { until } from "../support/until.ts";

let bench: ExecutorBench;
let ann: ExecutorClient;
let bob: ExecutorClient;
beforeEach(async () => {
  bench = await openExecutorBench();
  ann = await bench.client("ann");
  bob = await bench.client("bob");
});
afterEach(() => bench[Symbol.asyncDispose]());

const of = (value: string) => ({ executionId: { value } });
const nobodys = "01890000-0000-7000-8000-000000000000";

describe("ExecuteCommand", () => {
  it("submits a job of the certificate's principal, the same job as over REST", async () => {
    const { executionId } = await ann.call("executeCommand", {
      command: "head",
      args: ["-n10", "/dev/random"],
      env: { A: "1" },
      workdir: "/tmp",
      stdin: Buffer.from("in"),
      files: { "a/b.bin": Buffer.from([0, 255]) },
      resources: { cpu: "10%", memory: "64Mi", ioRead: "1MiB/s" },
      timeouts: { run: "90s" },
      labels: { kind: "test" },
      name: "sample",
      collect: ["out/*"],
      resultFile: "result.json",
      output: { limit: "1MiB", overflow: "discard" },
    });
    const job = await bench.api.context.store.jobs.get(executionId?.value ?? "");
    expect({ ...job, spec: job?.spec.view }).toMatchObject({
      owner: "ann",
      name: "sample",
      labels: { kind: "test" },
      spec: {
        command: "head",
        args: ["-n10", "/dev/random"],
        env: { A: "1" },
        workdir: "/tmp",
        stdin: { size: 2 },
        files: { "a/b.bin": { size: 2 } },
        resources: { cpu: "10%", memory: "64Mi", io: { read: "1MiB/s" } },
        timeouts: { run: "90s" },
        output: { limit: "1MiB", overflow: "discard" },
        collect: ["out/*"],
        resultFile: "result.json",
      },
      limits: { cpu: { value: 0.1, by: "job" } },
    });
    const overRest = await bench.api.call(`GET /api/v1/jobs/${job?.id}`, { as: "ann" });
    expect(overRest).toMatchObject({ status: 200, body: { id: job?.id } });
  });

  it("names every wrong field in the details, in the words of the wire", async () => {
    const error = await failure(
      ann.call("executeCommand", {
        command: "",
        env: { "1X": "x" },
        resources: { memory: "lots", ioWrite: "fast" },
        timeouts: { idle: "soon" },
        idempotencyKey: "with space",
      }),
    );
    expect(error.code).toBe(status.INVALID_ARGUMENT);
    expect(detailsOf(error)).toEqual({
      reason: "REQUEST_INVALID",
      retryAfter: null,
      fix: expect.stringContaining("problems") as string,
      fields: [
        "command",
        'env["1X"]',
        "resources.memory",
        "resources.ioWrite",
        "timeouts.idle",
        "idempotencyKey",
      ],
    });
    expect(bench.failures).toMatchObject([
      { code: "REQUEST_INVALID", route: "/ExecutorService/ExecuteCommand" },
    ]);
  });

  it("counts what a request holds before it is read", async () => {
    const args = Array.from({ length: 40_001 }, () => "");
    const error = await failure(ann.call("executeCommand", { command: "x", args }));
    expect(error.code).toBe(status.INVALID_ARGUMENT);
    expect(error.details).toContain("body must hold at most 40000 fields");
  });

  it("keeps the details small enough for any client, however much is wrong", async () => {
    const env = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`${n}${"é".repeat(60)}`, ""]));
    const error = await failure(ann.call("executeCommand", { command: "x", env }));
    expect(error.code).toBe(status.INVALID_ARGUMENT);
    expect(detailsOf(error).fields.length).toBeGreaterThan(5);
    expect(detailsOf(error).fields.at(-1)).toBe("");
  });

  it("answers the same key with the same execution, and another request with it ALREADY_EXISTS", async () => {
    const request = { command: "true", idempotencyKey: "k1" };
    const first = await ann.call("executeCommand", request);
    expect(await ann.call("executeCommand", request)).toEqual(first);
    const error = await failure(ann.call("executeCommand", { ...request, command: "false" }));
    expect(error.code).toBe(status.ALREADY_EXISTS);
    const foreign = await bob.call("executeCommand", { ...request, command: "false" });
    expect(foreign.executionId).not.toEqual(first.executionId);
  });

  it("takes 10 MiB of files and refuses a message beyond", async () => {
    const files = { big: Buffer.alloc(10 * 2 ** 20, 1) };
    expect((await ann.call("executeCommand", { command: "true", files })).executionId).toBeDefined();
    const larger = { big: Buffer.alloc(13 * 2 ** 20) };
    expect((await failure(ann.call("executeCommand", { command: "true", files: larger }))).code).toBe(
      status.RESOURCE_EXHAUSTED,
    );
  });
});

it("answers RESOURCE_EXHAUSTED when the queue is full", async () => {
  await using full = await openExecutorBench(({ policy }) => ({ policy: { ...policy, queueLength: 0 } }));
  const client = await full.client("ann");
  const error = await failure(client.call("executeCommand", { command: "true" }));
  expect(error.code).toBe(status.RESOURCE_EXHAUSTED);
  expect(detailsOf(error).reason).toBe("QUEUE_FULL");
});

describe("an id", () => {
  const calls = ["getExecution", "stopExecution"] as const;

  it("of somebody else, of nobody or of no form is NOT_FOUND with the same words", async () => {
    const { id } = await bench.api.jobOf("running");
    for (const name of calls) {
      for (const value of [id, nobodys, "", "../..", id.toUpperCase()]) {
        const error = await failure(bob.call(name, of(value)));
        expect(error).toMatchObject({ code: status.NOT_FOUND, details: `Cannot find job "${value}"` });
      }
      expect((await failure(bob.call(name, {}))).code).toBe(status.NOT_FOUND);
    }
    for (const name of ["getOutStream", "watchExecution"] as const) {
      const [error] = (await once(bob.open(name, of(id)), "error")) as [ServiceError];
      expect(error.code).toBe(status.NOT_FOUND);
    }
    expect((await failure(bob.call("extendExecution", { ...of(id), by: "1m" }))).code).toBe(status.NOT_FOUND);
    expect((await bench.api.context.store.jobs.get(id))?.state).toBe("running");
  });
});

describe("GetExecution", () => {
  const cases = [
    ["queued", ExecutionStatus.NOT_STARTED],
    ["preparing", ExecutionStatus.NOT_STARTED],
    ["running", ExecutionStatus.RUNNING],
    ["stopping", ExecutionStatus.RUNNING],
  ] as const;

  it.each(cases)("shows a job that is %s", async (state, wanted) => {
    const { id } = await bench.api.jobOf(state);
    const info = await ann.call("getExecution", of(id));
    expect(info).toMatchObject({ executionId: { value: id }, status: wanted, state, owner: "ann" });
    expect(info.exitCode).toBeUndefined();
  });

  const ends = [
    ["succeeded", { code: "exit" }, { exitCode: 0 }, ExecutionStatus.FINISHED, 0],
    ["failed", { code: "exit" }, { exitCode: 3 }, ExecutionStatus.FINISHED, 3],
    ["failed", { code: "signal" }, { signal: "SIGSEGV" }, ExecutionStatus.ABORTED, 139],
    ["failed", { code: "signal" }, { signal: "SIGRTMIN+2" }, ExecutionStatus.ABORTED, 164],
    ["failed", { code: "oom" }, { signal: "SIGKILL" }, ExecutionStatus.ABORTED, 137],
    ["failed", { code: "run_timeout" }, { signal: "SIGTERM" }, ExecutionStatus.ABORTED, 124],
    ["failed", { code: "run_timeout" }, { exitCode: 0 }, ExecutionStatus.ABORTED, 124],
    ["failed", { code: "output_limit" }, { exitCode: 0 }, ExecutionStatus.ABORTED, 123],
    ["failed", { code: "command_failed" }, {}, ExecutionStatus.NOT_STARTED, 126],
    ["canceled", { code: "stopped" }, { exitCode: 7 }, ExecutionStatus.ABORTED, 7],
    ["canceled", { code: "stopped" }, { exitCode: 0 }, ExecutionStatus.ABORTED, 123],
    ["lost", { code: "lost" }, {}, ExecutionStatus.ABORTED, 125],
  ] as const;

  it.each(ends)(
    "shows a job that ended %s with cause %j and %j",
    async (state, cause, end, wanted, exitCode) => {
      const { id } = await bench.api.jobOf("preparing");
      await bench.api.jobs.move(id, "running", { startedAt: 1_800_000_000_500 });
      await bench.api.jobs.move(id, state, {
        ...end,
        cause: { ...cause, message: "Because", evidence: { limit: 5, forced: false, by: "x" } },
        endedAt: 1_800_000_002_000,
        resultJson: '{"answer":[1,null,"two"]}',
      });
      const info = await ann.call("getExecution", of(id));
      expect(info).toMatchObject({
        status: wanted,
        cause: { code: cause.code, message: "Because", evidence: { limit: 5, forced: false, by: "x" } },
      });
      expect([info.exitCode, info.commandExitCode]).toEqual([
        exitCode,
        "exitCode" in end ? end.exitCode : undefined,
      ]);
      expect(info.endedAt && timestampMs(info.endedAt)).toBe(1_800_000_002_000);
      expect(info.result?.kind.case).toBe("structValue");
    },
  );

  it("shows one that was never started as NOT_STARTED when it could not be, as ABORTED when it was stopped", async () => {
    const failed = await bench.api.jobOf("failed");
    const canceled = await bench.api.jobOf("canceled");
    expect((await ann.call("getExecution", of(failed.id))).status).toBe(ExecutionStatus.NOT_STARTED);
    expect((await ann.call("getExecution", of(canceled.id))).status).toBe(ExecutionStatus.ABORTED);
  });
});

describe("StopExecution", () => {
  it.each([
    [true, StopStatus.KILLED],
    [false, StopStatus.STOPPED],
  ])("answers when the job has ended; forced %s is status %i", async (forced, wanted) => {
    const { id } = await bench.api.runningJob();
    const answer = ann.call("stopExecution", { ...of(id), graceMs: 250 });
    const { store } = bench.api.context;
    await until(async () => (await store.jobs.get(id))?.stop?.graceMs === 250, {
      what: "the request to stop",
    });
    const cause = { code: "stopped" as const, message: "Stopped by ann", evidence: { by: "ann", forced } };
    await bench.api.jobs.move(id, "canceled", { cause, signal: "SIGKILL" });
    expect(await answer).toMatchObject({
      executionId: { value: id },
      status: wanted,
      exitCode: 137,
      state: "canceled",
      cause: { code: "stopped" },
    });
  });

  it("answers the final state of what has ended, and changes nothing", async () => {
    const { id } = await bench.api.jobOf("running");
    const ended = await bench.api.jobs.move(id, "succeeded", { exitCode: 0 });
    expect(await ann.call("stopExecution", of(id))).toMatchObject({
      status: StopStatus.STOPPED,
      exitCode: 0,
      state: "succeeded",
    });
    expect(await bench.api.context.store.jobs.get(id)).toEqual(ended);
  });

  it("ends with the client's deadline; the stop goes on", async () => {
    const { id } = await bench.api.runningJob();
    const isAsked = async (): Promise<boolean> =>
      ((await bench.api.context.store.jobs.get(id))?.stop ?? null) !== null;
    // A busy host may need longer for the request to arrive at all.
    for (let deadlineMs = 300; !(await isAsked()); deadlineMs *= 2) {
      const error = await failure(ann.call("stopExecution", of(id), { deadlineMs }));
      expect(error.code).toBe(status.DEADLINE_EXCEEDED);
    }
    await until(() => bench.revocations.held === 0, { what: "the end of the call" });
  });
});

describe("ExtendExecution", () => {
  it("adds to the run timeout, and is FAILED_PRECONDITION once it has ended", async () => {
    const runMs = { value: 1000, by: "job" as const };
    const { id, limits } = await bench.api.jobOf("running");
    const deadlineAt = Date.now() + 1000;
    await bench.api.context.store.jobs.update(id, { deadlineAt, limits: { ...limits, runMs } });
    const info = await ann.call("extendExecution", { ...of(id), by: "10m" });
    expect(info.deadlineAt && timestampMs(info.deadlineAt)).toBe(deadlineAt + 600_000);
    expect(detailsOf(await failure(ann.call("extendExecution", { ...of(id), by: "soon" }))).fields).toEqual([
      "by",
    ]);
    await bench.api.jobs.move(id, "succeeded", { exitCode: 0 });
    const error = await failure(ann.call("extendExecution", { ...of(id), by: "10m" }));
    expect(error.code).toBe(status.FAILED_PRECONDITION);
  });
});
