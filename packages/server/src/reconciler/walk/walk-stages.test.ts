import { describe, expect, it } from "vitest";
import type { Job } from "../../core/job/job.ts";
import { asked, sampleJob } from "../../../test/support/sample-job.ts";
import { openReconcilerBench } from "../../../test/support/reconciler-bench.ts";
import { until } from "../../../test/support/until.ts";
import type { Launcher, Launchers } from "./launches/launcher.ts";

/** Stages before the user's, each of which executes the next of these scripts. */
function playing(...scripts: string[][]): Launchers {
  return {
    unpack: {
      launch: (_job, { position }) =>
        Promise.resolve({ command: "fake", args: scripts[position] ?? [], stdin: null }),
    },
  };
}

const fake = (...args: string[]) => ({ spec: { command: "fake", args } });

it("does one stage after the other in one folder, and then runs the user's code there", async () => {
  await using bench = await openReconcilerBench();
  const id = await bench.insert(fake("show=first", "show=second"), ["unpack", "unpack"]);
  await using _server = await bench.open(
    {},
    { launchers: playing(["save=first:1"], ["show=first", "save=second:2"]) },
  );
  const job = await bench.untilState(id, "succeeded");
  expect(job.cause).toMatchObject({ code: "exit" });
  const stages = await bench.store.stages.list(id);
  expect(stages).toMatchObject([
    { position: 0, state: "succeeded", attempt: 1, exitCode: 0, usage: { outputBytes: 0 } },
    { position: 1, state: "succeeded", attempt: 1, exitCode: 0, usage: { outputBytes: 1 } },
  ]);
  expect(job.usage.outputBytes).toBe(2);
  const events = await bench.store.events.list(id, 0);
  expect(events.map(({ type, stage }) => [type, stage?.state])).toEqual([
    ["queued", undefined],
    ["preparing", undefined],
    ["preparing", "running"],
    ["preparing", "succeeded"],
    ["preparing", "running"],
    ["preparing", "succeeded"],
    ["running", "running"],
    ["succeeded", "succeeded"],
  ]);
  await until(async () => (await bench.engine.list()).length === 0, { what: "nothing left on the host" });
});

it("ends a job with the cause of the stage that failed, and never runs its code", async () => {
  await using bench = await openReconcilerBench();
  const id = await bench.insert(fake("print=never"), ["unpack"]);
  await using _server = await bench.open({}, { launchers: playing(["print-err=no such archive", "exit=2"]) });
  const job = await bench.untilState(id, "failed");
  expect(job).toMatchObject({
    startedAt: null,
    exitCode: null,
    usage: { outputBytes: 0 },
    cause: { code: "exit", evidence: { exitCode: 2, stage: "unpack" } },
  });
  expect(await bench.store.stages.list(id)).toMatchObject([{ state: "failed", exitCode: 2 }]);
});

it("begins a stage once more where the engine failed it, and throws away what it had left", async () => {
  await using bench = await openReconcilerBench();
  const id = await bench.insert(fake("show=made"), ["unpack"]);
  let attempts = 0;
  const unpack: Launcher = {
    async launch(_job, { attempt }) {
      attempts = attempt;
      const ending = attempt < 3 ? "break=the disk fell out" : "exit=0";
      return { command: "fake", args: ["print=attempt", `save=made:${attempt}`, ending], stdin: null };
    },
  };
  await using _server = await bench.open({}, { launchers: { unpack } });
  await bench.untilState(id, "succeeded");
  expect(attempts).toBe(3);
  const [stage] = await bench.store.stages.list(id);
  expect(stage).toMatchObject({ state: "succeeded", attempt: 3, usage: { outputBytes: "attempt\n".length } });
});

/** Limits of a job, but for those that are named. */
function limits(named: Partial<Job["limits"]>): Pick<Job, "limits"> {
  return { limits: { ...sampleJob().limits, ...named } };
}

const ms = (value: number) => ({ value, by: "job" }) as const;
describe("a stage that stays", () => {
  const stays = [["save=a:1"], ["print=here", "hang"]];

  it("is stopped with its job, whose code never runs", async () => {
    await using bench = await openReconcilerBench();
    const id = await bench.insert(fake("print=never"), ["unpack", "unpack", "unpack"]);
    await using server = await bench.open({}, { launchers: playing(...stays) });
    await until(async () => (await bench.store.stages.list(id))[1]?.state === "running", { what: "stage 1" });
    await bench.store.jobs.update(id, { stop: asked(0) });
    server.scheduler.wake(id);
    const job = await bench.untilState(id, "canceled");
    expect(job).toMatchObject({ startedAt: null, cause: { code: "stopped", evidence: { stage: "unpack" } } });
    const stages = await bench.store.stages.list(id);
    expect(stages.map(({ state }) => state)).toEqual(["succeeded", "canceled", "queued"]);
    const events = await bench.store.events.list(id, 0);
    expect(events.slice(-3).map(({ type, stage }) => [type, stage?.kind, stage?.state])).toEqual([
      ["stopping", "unpack", "stopping"],
      ["stopping", "unpack", "canceled"],
      ["canceled", "unpack", "canceled"],
    ]);
    await until(async () => (await bench.engine.list()).length === 0, { what: "nothing left on the host" });
  });

  it("is stopped by the next server where this one died before it could", async () => {
    await using bench = await openReconcilerBench();
    const id = await bench.insert(fake("print=never"), ["unpack", "unpack"]);
    const first = await bench.open({}, { launchers: playing(...stays) });
    await until(async () => (await bench.store.stages.list(id))[1]?.state === "running", { what: "stage 1" });
    await first[Symbol.asyncDispose]();
    await bench.store.jobs.update(id, { stop: asked(0) });
    await using _second = await bench.open({}, { launchers: playing(...stays) });
    const job = await bench.untilState(id, "canceled");
    expect(job).toMatchObject({ startedAt: null, cause: { code: "stopped" } });
    expect(await bench.store.stages.list(id)).toMatchObject([
      { attempt: 1 },
      { attempt: 1, state: "canceled" },
    ]);
  });

  it.each<[what: string, before: string[][]]>([
    ["runs", stays],
    ["ran out by itself, and the rest is left to those behind it", [["run-for=200ms"], ["hang"]]],
  ])(
    "fails its job once the start timeout is over, which is one for all stages: it %s",
    async (_what, before) => {
      await using bench = await openReconcilerBench();
      const id = await bench.insert({ ...fake("print=never"), ...limits({ startMs: ms(500) }) }, [
        "unpack",
        "unpack",
      ]);
      await using _server = await bench.open({}, { stopGraceMs: 0, launchers: playing(...before) });
      const begun = performance.now();
      const job = await bench.untilState(id, "failed");
      expect(performance.now() - begun).toBeGreaterThan(490);
      expect(job).toMatchObject({
        startedAt: null,
        cause: { code: "start_timeout", evidence: { stage: "unpack" } },
      });
    },
  );

  it.each<[clock: string, named: Partial<Job["limits"]>]>([
    ["run", { runMs: ms(100) }],
    ["idle", { idleMs: ms(100) }],
    ["CPU", { cpuMs: ms(1) }],
    ["output", { outputBytes: ms(3) }],
  ])("is not under the %s limit of its job, which is that of the user's code", async (_clock, named) => {
    await using bench = await openReconcilerBench();
    const id = await bench.insert({ ...fake("exit=0"), ...limits(named) }, ["unpack"]);
    const busy = ["use-cpu=200ms", "print=more than that", "run-for=200ms"];
    await using _server = await bench.open({}, { launchers: playing(busy) });
    await bench.untilState(id, "succeeded");
    expect(await bench.store.stages.list(id)).toMatchObject([{ state: "succeeded", attempt: 1 }]);
  });
});

it.each<[what: string, named: Partial<Job["limits"]>, script: string[], code: string]>([
  ["memory", { memory: ms(1000) }, ["use-memory=1MiB"], "oom"],
  ["disk", { disk: ms(1000) }, ["save-bytes=a:1MiB"], "disk_limit"],
])("holds a stage to the job's limit on %s, and the job ends by it", async (_what, named, script, code) => {
  await using bench = await openReconcilerBench();
  const id = await bench.insert({ ...fake("print=never"), ...limits(named) }, ["unpack"]);
  await using _server = await bench.open({}, { launchers: playing(script) });
  const job = await bench.untilState(id, "failed");
  expect(job).toMatchObject({ startedAt: null, cause: { code, evidence: { stage: "unpack" } } });
});

it("runs the job's code for its whole run timeout, however long the stages before it took", async () => {
  await using bench = await openReconcilerBench();
  const id = await bench.insert({ ...fake("hang"), ...limits({ runMs: ms(600) }) }, ["unpack"]);
  await using _server = await bench.open({}, { launchers: playing(["run-for=500ms"]) });
  await until(async () => (await bench.store.stages.list(id))[0]?.state === "running", { what: "stage 0" });
  const extended = await bench.store.jobs.extend(id, { byMs: 600_000, at: Date.now() });
  expect(extended).toMatchObject({ deadlineAt: null, limits: { runMs: { value: 600_600 } } });
  const { startedAt, deadlineAt } = await bench.untilState(id, "running");
  expect((await bench.store.stages.list(id))[0]?.state).toBe("succeeded");
  expect(deadlineAt).toBe((startedAt ?? 0) + 600_600);
});

it("gives up a stage that the engine fails again and again, with what the engine said", async () => {
  await using bench = await openReconcilerBench();
  const id = await bench.insert(fake("print=never"), ["unpack"]);
  await using _server = await bench.open({}, { launchers: playing(["vanish"]) });
  const job = await bench.untilState(id, "failed");
  expect(job).toMatchObject({
    startedAt: null,
    cause: { code: "engine_failed", evidence: { stage: "unpack" } },
  });
  expect(await bench.store.stages.list(id)).toMatchObject([{ state: "failed", attempt: 5 }]);
});

it("explains the end of a stage in the words of its kind", async () => {
  await using bench = await openReconcilerBench();
  const id = await bench.insert(fake("print=never"), ["unpack"]);
  const { unpack } = playing(["print-err=not an archive", "exit=2"]);
  if (!unpack) throw new Error("There is such a stage");
  const explained: Launcher = {
    ...unpack,
    explain: (end, said) => ({
      ...end,
      cause: { code: "source_failed", message: `Cannot unpack: ${said.trim()}`, evidence: {} },
    }),
  };
  await using _server = await bench.open({}, { launchers: { unpack: explained } });
  const { cause } = await bench.untilState(id, "failed");
  expect(cause).toEqual({
    code: "source_failed",
    message: "Cannot unpack: not an archive",
    evidence: { stage: "unpack" },
  });
});
