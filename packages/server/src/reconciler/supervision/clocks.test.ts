import { expect, it } from "vitest";
import { sampleJob } from "../../../test/support/sample-job.ts";
import type { StopRequest } from "../../core/job/job.ts";
import { createFakeEngine } from "../../engines/fake/engine.ts";
import { tempFolder } from "../../../test/support/temp-folder.ts";
import { createManualClock } from "../../lib/manual-clock.ts";
import { JobClocks } from "./clocks.ts";

it("asks at once for the CPU time of a job that was taken up long after its start", async () => {
  await using folder = tempFolder();
  await using engine = await createFakeEngine({ root: folder.path });
  const clock = createManualClock();
  const base = sampleJob();
  const cpuMs = { value: 3_600_000, by: "job" } as const;
  const limits = { ...base.limits, cpuMs };
  const strikes: StopRequest[] = [];
  const usage = { cpuMs: 4_000_000, peakMemoryBytes: null, pidsPeak: null, pidsRefused: null };
  const asked = Promise.withResolvers<void>();
  engine.stats = async () => {
    asked.resolve();
    return usage;
  };
  const startedAt = clock.now() - 5_000_000;
  using _clocks = new JobClocks(
    { ...base, limits, startedAt, handle: "fake" },
    {
      clock,
      engine,
      follower: { lastOutputAt: 0 },
      graceMs: 1000,
      ageMs: null,
      strike: (stop) => strikes.push(stop),
    },
  );
  clock.advance(60);
  await asked.promise;
  await new Promise(setImmediate);
  expect(strikes.map(({ cause }) => cause.code)).toEqual(["cpu_timeout"]);
});

it.each([
  { way: "forward", stepMs: 600_000 },
  { way: "back", stepMs: -600_000 },
])(
  "keeps a job taken up after the clock was set $way to the run time that it has left",
  async ({ stepMs }) => {
    await using folder = tempFolder();
    await using engine = await createFakeEngine({ root: folder.path });
    const clock = createManualClock();
    const base = sampleJob();
    const startedAt = clock.now();
    const limits = { ...base.limits, runMs: { value: 60_000, by: "job" } as const };
    clock.advance(20_000);
    clock.step(stepMs);
    const strikes: StopRequest[] = [];
    using _clocks = new JobClocks(
      { ...base, limits, startedAt, deadlineAt: startedAt + 60_000, handle: "fake" },
      {
        clock,
        engine,
        follower: { lastOutputAt: 0 },
        graceMs: 1000,
        ageMs: 20_000,
        strike: (stop) => strikes.push(stop),
      },
    );
    clock.advance(39_999);
    expect(strikes).toEqual([]);
    clock.advance(2);
    expect(strikes.map(({ cause }) => cause.code)).toEqual(["run_timeout"]);
  },
);
