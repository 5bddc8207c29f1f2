import { expect, it } from "vitest";
import { sampleJob } from "../../../test/support/sample-job.ts";
import { viewEvent, viewJob, viewSpec } from "./job-view.ts";

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
