import { expect, it } from "vitest";
import { sampleJob } from "../../../../test/support/sample-job.ts";
import { messageOf } from "./message-of.ts";

it("says how a run ended and which it was, and nothing of what it was given, wrote or left", () => {
  const job = sampleJob({
    id: "j1",
    name: "n",
    labels: { a: "b" },
    state: "failed",
    cause: { code: "exit", message: "It ended with 3", evidence: {} },
    exitCode: 3,
    createdAt: 0,
    startedAt: 1000,
    endedAt: 2000,
    deadlineAt: 9000,
    task: { name: "t", version: 2, runnerVersion: 1 },
    retry: { attempt: 2, of: "j0" },
    resultJson: '"secret"',
  });
  expect(JSON.parse(messageOf(job))).toEqual({
    type: "job.ended",
    timestamp: "1970-01-01T00:00:02.000Z",
    data: {
      id: "j1",
      name: "n",
      owner: "alice",
      labels: { a: "b" },
      task: { name: "t", version: 2, runnerVersion: 1 },
      retry: { attempt: 2, retryOf: "j0", retryAt: null, retriedAs: null, notRetried: null },
      state: "failed",
      cause: { code: "exit", message: "It ended with 3", evidence: {} },
      exitCode: 3,
      signal: null,
      createdAt: "1970-01-01T00:00:00.000Z",
      startedAt: "1970-01-01T00:00:01.000Z",
      endedAt: "1970-01-01T00:00:02.000Z",
      usage: { cpuMs: null, wallMs: null, peakMemoryBytes: null, outputBytes: 0 },
      engine: "fake",
    },
  });
});

it("is of the time at which the job was made where nobody knows when it ended", () => {
  expect(JSON.parse(messageOf(sampleJob({ createdAt: 0 })))).toMatchObject({
    timestamp: "1970-01-01T00:00:00.000Z",
  });
});
