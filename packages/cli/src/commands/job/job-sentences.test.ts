import type { Job } from "@berth/sdk";
import { expect, it } from "vitest";
import { notesOf, shortCause } from "./job-sentences.ts";

const cause = { code: "engine_failed", message: "The engine failed", evidence: {} } as const;
const none = { attempt: 1, retryOf: null, retryAt: null, retriedAs: null, notRetried: null };
const jobWith = (retry?: Partial<NonNullable<Job["retry"]>>): Job =>
  ({ cause, usage: {}, ...(retry && { retry: { ...none, ...retry } }) }) as Job;
const at = "2026-01-31T12:00:00.000Z";

it.each([
  ["is the only one", undefined, "engine_failed", []],
  ["is due again", { retryAt: at }, "engine_failed, due again", []],
  ["was run again", { retryAt: at, retriedAs: "b" }, "engine_failed, run again", ["It was run again as b"]],
  [
    "was not, after all",
    { retryAt: at, notRetried: "there is no task" },
    "engine_failed",
    ["It is not run again after all: there is no task"],
  ],
  [
    "is the last of several",
    { attempt: 3, retryOf: "a" },
    "engine_failed",
    ["Attempt 3: the first run is a"],
  ],
])("says of a run that %s", (_what, retry, short, notes) => {
  expect([shortCause(jobWith(retry)), notesOf(jobWith(retry))]).toEqual([short, notes]);
});
