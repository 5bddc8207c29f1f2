import { expect, it } from "vitest";
import { openEngineBench } from "../support/engine-bench.ts";
import { subject } from "../support/local-subject.ts";
import { until } from "../support/until.ts";

const missing = await subject.missing();
if (missing !== null) console.log(`SKIPPED: the age of a stop, because ${missing}`);

it.skipIf(missing !== null)("tells the next server how long ago a job was first asked to stop", async () => {
  await using bench = await openEngineBench(subject);
  const { handle } = await bench.startReady(subject.commands.ignoreTerm());
  const ageOf = async (): Promise<number | undefined> => {
    const recovered = await bench.engine.recover(handle);
    if (recovered.kind !== "found") throw new Error(`the job is ${recovered.kind}`);
    return recovered.stopAgeMs;
  };
  expect(await ageOf()).toBeUndefined();
  const before = performance.now();
  const stopped = bench.engine.stop(handle, { graceMs: 600_000 });
  const first = await until(async () => (await ageOf()) ?? null, { what: "the age of the stop" });
  expect(first).toBeLessThanOrEqual(performance.now() - before + 1);
  await until(async () => ((await ageOf()) ?? 0) > first, { what: "a stop that is older" });
  await Promise.all([stopped, bench.engine.stop(handle, { graceMs: 0 })]);
});
