import { expect, it } from "vitest";
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
  await using reconciler = bench.open({}, {}, playing(["save=first:1"], ["show=first", "save=second:2"]));
  await reconciler.start();
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
    ["running", undefined],
    ["succeeded", undefined],
  ]);
  await until(async () => (await bench.engine.list()).length === 0, { what: "nothing left on the host" });
});

it("ends a job with the cause of the stage that failed, and never runs its code", async () => {
  await using bench = await openReconcilerBench();
  const id = await bench.insert(fake("print=never"), ["unpack"]);
  await using reconciler = bench.open({}, {}, playing(["print-err=no such archive", "exit=2"]));
  await reconciler.start();
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
  await using reconciler = bench.open({}, {}, { unpack });
  await reconciler.start();
  await bench.untilState(id, "succeeded");
  expect(attempts).toBe(3);
  const [stage] = await bench.store.stages.list(id);
  expect(stage).toMatchObject({ state: "succeeded", attempt: 3, usage: { outputBytes: "attempt\n".length } });
});
