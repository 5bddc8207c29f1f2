import { expect, it } from "vitest";
import { sampleJob } from "../../../test/support/sample-job.ts";
import { viewContact, viewEvent, viewJob, viewSpec, viewStage } from "./job-view.ts";

it("shows the times of a job in UTC, and null for those that have not come", () => {
  const job = sampleJob({ createdAt: 0, startedAt: 1500, endedAt: null, deadlineAt: 61_500 });
  expect(viewJob(job)).toMatchObject({
    createdAt: "1970-01-01T00:00:00.000Z",
    startedAt: "1970-01-01T00:00:01.500Z",
    endedAt: null,
    deadlineAt: "1970-01-01T00:01:01.500Z",
  });
});

it("shows nothing of a job's handle, limits or stop", () => {
  const shown = viewJob(sampleJob({ handle: "local/1/x" }));
  expect(Object.keys(shown)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/handle|limits|stop/)]),
  );
});

it("shows an event with its time in UTC", () => {
  const event = {
    seq: 1,
    jobId: "j",
    type: "running",
    at: 0,
    cause: null,
    exitCode: null,
    deadlineAt: 1000,
  } as const;
  expect(viewEvent({ ...event, stage: null })).toEqual({
    ...event,
    at: "1970-01-01T00:00:00.000Z",
    deadlineAt: "1970-01-01T00:00:01.000Z",
  });
});

it("keeps of input files and stdin their sizes, and nothing else", () => {
  const spec = { command: "cat", args: ["x"], files: { a: "abc", b: { base64: "AAEC" } }, stdin: "ä" };
  expect(viewSpec(spec)).toEqual({
    command: "cat",
    args: ["x"],
    files: { a: { size: 3 }, b: { size: 3 } },
    stdin: { size: 2 },
  });
  expect(viewSpec({ command: "true", args: [] })).toEqual({ command: "true", args: [] });
});

it("shows under which network a job ran, and what it met there where that is known", () => {
  const alone = viewJob(sampleJob());
  expect([alone.network, "contacts" in alone]).toEqual(["none", false]);
  const contacts = { reached: 2, refused: 1 } as never;
  const network = { name: "internet", digest: "d", observe: true };
  expect(viewJob(sampleJob({ network, contacts }))).toMatchObject({ network: "internet", contacts });
});

it("shows of a run its task and the commit it came from, and of any other job neither", () => {
  expect(Object.keys(viewJob(sampleJob()))).not.toEqual(expect.arrayContaining(["task"]));
  const task = { name: "t", version: 2, runnerVersion: 1, room: { most: 1, waits: true } };
  const source = { url: "https://git.example", commit: "c0ffee" } as never;
  expect(viewJob(sampleJob({ task })).task).toEqual({ name: "t", version: 2, runnerVersion: 1 });
  expect(viewJob(sampleJob({ task, source })).task).toEqual({
    name: "t",
    version: 2,
    runnerVersion: 1,
    commit: "c0ffee",
  });
  expect(viewJob(sampleJob({ task, source: { commit: null } as never })).task).not.toHaveProperty("commit");
});

it("shows where a run stands among those that are made again, and of any other job nothing of it", () => {
  expect(viewJob(sampleJob())).not.toHaveProperty("retry");
  expect(viewJob(sampleJob({ retry: { attempt: 1, of: null, at: 0, as: "j2", why: "no" } })).retry).toEqual({
    attempt: 1,
    retryOf: null,
    retryAt: "1970-01-01T00:00:00.000Z",
    retriedAs: "j2",
    notRetried: "no",
  });
});

it("shows of a stage what it did, and nothing of how it is found again", () => {
  const shown = {
    id: "s1",
    kind: "source",
    state: "succeeded",
    cause: null,
    exitCode: 0,
    usage: { cpuMs: 1, wallMs: 2, peakMemoryBytes: 3, outputBytes: 4 },
    isolation: null,
  } as const;
  const inside = { jobId: "j1", position: 0, signal: null, handle: "local/1/x", attempt: 1 };
  expect(viewStage({ ...shown, ...inside, startedAt: 1000, endedAt: null } as never)).toEqual({
    ...shown,
    startedAt: "1970-01-01T00:00:01.000Z",
    endedAt: null,
  });
});

it("shows what a job met with its times in UTC", () => {
  const contact = {
    name: "a.example",
    address: "192.0.2.1",
    protocol: "tcp",
    port: 443,
    outcome: "reached",
    packets: 1,
    bytesOut: 2,
    bytesIn: 3,
  } as const;
  expect(viewContact({ ...contact, firstAt: 0, lastAt: 1000 })).toEqual({
    ...contact,
    firstAt: "1970-01-01T00:00:00.000Z",
    lastAt: "1970-01-01T00:00:01.000Z",
  });
});

it("shows the stage that an event is about", () => {
  const event = {
    seq: 1,
    jobId: "j",
    type: "running",
    at: 0,
    cause: null,
    exitCode: null,
    deadlineAt: null,
  } as const;
  const stage = { id: "s1", kind: "source", state: "running" } as never;
  expect(viewEvent({ ...event, stage })).toMatchObject({ stage });
  expect(viewEvent({ ...event, stage: null })).not.toHaveProperty("stage");
});
