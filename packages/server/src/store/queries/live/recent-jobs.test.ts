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

it("keeps nothing of what a job left, which may be megabytes", () => {
  const recent = new RecentJobs();
  const job = sampleJob();
  recent.keep(job);
  recent.keep({ ...job, state: "succeeded", resultJson: "[{}]" });
  expect(recent.get(job.id)).toBeUndefined();
});

it("keeps few that were given much, however many small ones it keeps", () => {
  const recent = new RecentJobs();
  const large = (letters: number): ReturnType<typeof sampleJob> =>
    sampleJob({ spec: { command: "true", args: ["x".repeat(letters)] } });
  const [small, ...jobs] = [sampleJob(), ...Array.from({ length: 17 }, () => large(10_000))];
  for (const job of [small, ...jobs]) recent.keep(job);
  const kept = (): boolean[] => jobs.map(({ id }) => recent.get(id) !== undefined);
  expect(kept()).toEqual([false, ...Array.from({ length: 16 }, () => true)]);
  const huge = large(16 * 2 ** 20 - 1000);
  recent.keep(huge);
  expect(kept()).not.toContain(true);
  expect(recent.get(huge.id)).toBe(huge);
  expect(recent.get(small.id)).toBe(small);
});

it("reads a spec once, however often its job is written", () => {
  const recent = new RecentJobs();
  const job = sampleJob();
  recent.keep(job);
  const written = sampleJob({ id: job.id, state: "running" });
  recent.keep(written);
  expect(recent.get(job.id)).toBe(written);
  expect(written.spec).toBe(job.spec);
});
