import type { Cause } from "@berth/protocol";
import { expect, it } from "vitest";
import { asked, sampleJob } from "../../../../test/support/sample-job.ts";
import { retryAtEnd, toldOfRetry } from "./retry-at-end.ts";

const task = { name: "t", version: 1, runnerVersion: 1 };
const cause = (code: Cause["code"], evidence: Cause["evidence"] = {}): Cause => ({
  code,
  message: "m",
  evidence,
});
const source = (reason: string): Cause => cause("source_failed", { reason });
const isRetried = (end: Cause, { begun = false, idempotent = false, stop = false } = {}): boolean =>
  retryAtEnd(
    sampleJob({ task, stop: stop ? asked(0) : null }),
    { end: { cause: end }, endedAt: 0, begun },
    { most: 1, idempotent },
  ) !== null;

it.each(
  [cause("engine_failed"), ...["host_not_found", "unreachable", "too_slow"].map(source)].map(
    (end) => [end.code, end] as const,
  ),
)("is made again after %s: %j", (_code, end) => {
  expect([isRetried(end), isRetried(end, { begun: true, idempotent: true })]).toEqual([true, true]);
  expect(isRetried(end, { stop: true, idempotent: true })).toBe(false);
});

const reasons = [
  "not_authorised",
  "no_such_ref",
  "too_large",
  "leads_out",
  "untrusted_host",
  "refused_address",
];
const ends = ["exit", "signal", "oom", "run_timeout", "start_timeout", "queue_timeout"] as const;
const limits = ["disk_limit", "output_limit", "stopped", "command_failed", "source_failed"] as const;

it.each(
  [...reasons.map(source), ...[...ends, ...limits].map((code) => cause(code))].map(
    (end) => [end.code, end] as const,
  ),
)("is not made again after %s: %j", (_code, end) => {
  expect([isRetried(end), isRetried(end, { begun: true, idempotent: true })]).toEqual([false, false]);
});

it("is not made again where its command may have run, unless that does no harm", () => {
  const failed = cause("engine_failed");
  expect([isRetried(failed, { begun: true }), isRetried(cause("lost"))]).toEqual([false, false]);
  expect(isRetried(failed, { begun: true, idempotent: true })).toBe(true);
  expect(isRetried(cause("lost"), { idempotent: true })).toBe(true);
});

it("waits twice as long each time, an hour at most, and not as long as any other, and ends", () => {
  const waitOf = (attempt: number, backoff?: string, random = 1): number | undefined =>
    retryAtEnd(
      sampleJob({ task, retry: { attempt, of: null } }),
      { end: { cause: cause("engine_failed") }, endedAt: 1000, begun: false },
      { most: 10, backoff },
      { random: () => random },
    )?.at;
  expect([waitOf(1), waitOf(2), waitOf(3)]).toEqual([11_000, 21_000, 41_000]);
  expect(waitOf(2, "10s", 0)).toBe(11_000);
  expect(waitOf(10, "1h")).toBe(3_601_000);
  expect(waitOf(11)).toBeUndefined();
});

it("is no run of a task, and is not made again", () => {
  const job = sampleJob({ task: null });
  const how = { end: { cause: cause("engine_failed") }, endedAt: 0, begun: false };
  expect(retryAtEnd(job, how, { most: 1 })).toBeNull();
});

it("tells of it in the cause", () => {
  expect(toldOfRetry(source("unreachable"), { at: 0 })).toEqual({
    code: "source_failed",
    message: "m; it is run again at 1970-01-01T00:00:00.000Z",
    evidence: { reason: "unreachable", retryAt: "1970-01-01T00:00:00.000Z" },
  });
});
