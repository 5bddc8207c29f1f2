import { jobStates } from "@berth/protocol";
import { expect, it } from "vitest";
import { sampleCaller } from "../../test/support/sample-caller.ts";
import type { Job } from "../core/job/job.ts";
import { createEvents } from "./events.ts";
import { createLogger } from "./logger.ts";
import { createMetrics } from "./metrics.ts";

const job = {
  id: "0190a0b0-0000-7000-8000-000000000001",
  owner: "ann",
  engine: "fake",
  state: "failed",
  cause: { code: "oom", message: "", evidence: {} },
  exitCode: 137,
  createdAt: 1000,
  startedAt: 1500,
  endedAt: 3500,
} as unknown as Job;

function open() {
  const lines: string[] = [];
  const logger = createLogger({
    level: "debug",
    format: "json",
    out: { write: (line) => void lines.push(line) },
  });
  const metrics = createMetrics();
  const zero = Object.fromEntries(jobStates.map((state) => [state, 0])) as Record<
    (typeof jobStates)[number],
    number
  >;
  const text = async (): Promise<string> =>
    (
      await metrics.render({
        jobs: { ...zero, running: 3 },
        slots: [{ engine: "fake", total: 8, busy: 3, queued: 5 }],
        engines: [{ engine: "fake", isReady: true }],
        standby: [{ engine: "fake", sandboxes: 2, bytes: 900_000 }],
        shipping: [{ target: "syslog", blocks: 7, behindMs: 90_000, fault: {} }],
        pendingDeliveries: 4,
      })
    ).text;
  return { events: createEvents({ logger, metrics }), lines, text };
}

it("counts a job's life and logs its end, without its id or owner in a label", async () => {
  const { events, lines, text } = open();
  events.jobSubmitted(job, sampleCaller());
  events.jobStarted(job);
  events.jobEnded(job);
  const shown = await text();
  expect(shown).toContain('berth_jobs_submitted_total{engine="fake"} 1');
  expect(shown).toContain('berth_job_wait_seconds_sum{engine="fake"} 0.5');
  expect(shown).toContain('berth_job_duration_seconds_sum{engine="fake",state="failed"} 2');
  expect(shown).toContain('berth_jobs_ended_total{engine="fake",state="failed",cause="oom"} 1');
  expect(shown).not.toMatch(/ann|0190a0b0/);
  expect(JSON.parse(lines[2] ?? "")).toMatchObject({ level: "info", msg: "Job ended", cause: "oom" });
});

it("shows the present: jobs by state, the queue, slots and the event loop's delay", async () => {
  const { text } = open();
  const shown = await text();
  expect(shown).toContain('berth_jobs{state="running"} 3');
  expect(shown).toContain('berth_queue_length{engine="fake"} 5');
  expect(shown).toContain('berth_slots{engine="fake",use="free"} 5');
  expect(shown).toContain('berth_warm_sandboxes{engine="fake"} 2');
  expect(shown).toContain('berth_warm_sandboxes_bytes{engine="fake"} 900000');
  expect(shown).toContain("nodejs_eventloop_lag_p99_seconds");
});

it.each([
  [500, "INTERNAL", "error"],
  [404, "JOB_NOT_FOUND", "debug"],
] as const)("logs an answer of %i as fits its fault", (status, code, level) => {
  const { events, lines } = open();
  const error = new Error("the inside");
  events.requestFailed({ requestId: "r1", method: "GET", route: "/x", status, code, error });
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level, requestId: "r1", code });
  expect(lines[0]?.includes("the inside")).toBe(status >= 500);
});

it("logs a fault in the background with its stack, and counts it", async () => {
  const { events, lines, text } = open();
  events.fault("Cannot sweep", new Error("disk full"));
  expect(lines[0]).toContain("disk full");
  expect(await text()).toContain("berth_faults_total 1");
});

it("counts every standstill of the event loop, and logs the second of a minute at its end", async () => {
  const { events, lines, text } = open();
  for (const ms of [60, 70, 65])
    events.loopStoodStill({ operation: "garbage collection", ms, cpuMs: ms, collectedMs: ms });
  expect(lines).toHaveLength(1);
  const count = 'berth_event_loop_standstill_seconds_count{operation="garbage collection"} 3';
  expect(await text()).toContain(count);
  events[Symbol.dispose]();
  expect(JSON.parse(lines[1] ?? "")).toMatchObject({ times: 2, ms: 70 });
});
