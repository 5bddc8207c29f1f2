import { expect, it } from "vitest";
import { sampleJob } from "../../../../test/support/sample-job.ts";
import { RecentJobs } from "./recent-jobs.ts";

it("gives a job back as it was last kept", () => {
  const recent = new RecentJobs();
  const job = sampleJob();
  recent.keep(job);
  recent.keep({ ...job, state: "running" });
  expect(recent.get(job.id)?.state).toBe("running");
});

it("keeps nothing that may be megabytes: what a job left, and what it was given", () => {
  const recent = new RecentJobs();
  const job = sampleJob();
  recent.keep(job);
  recent.keep({ ...job, state: "succeeded", resultJson: "[{}]" });
  expect(recent.get(job.id)).toBeUndefined();
  const large = sampleJob({ spec: { command: "true", args: Array.from({ length: 10_000 }, () => "") } });
  recent.keep(large);
  expect(recent.get(large.id)).toBeUndefined();
});
