import { stageStates } from "@berth/protocol";
import { describe, expect, it } from "vitest";
import { sampleJob } from "../../../test/support/sample-job.ts";
import { aboutStage, aboutUserStage } from "./event-stage.ts";
import { findStage, hasEnded } from "./find-stage.ts";
import { isInfrastructure, surroundingsOfStage } from "./kinds.ts";
import { newStage } from "./new-stage.ts";
import { outputIdOf } from "./output-of-stage.ts";
import { stagesBefore, stagesFor } from "./plan-stages.ts";
import { stageStatesBefore } from "./stage-transitions.ts";
import { nothingUsed, stagesOf } from "./stages-of-job.ts";
import { plainSurroundings, surroundingsOf } from "./surroundings.ts";

const unpack = newStage({
  id: "s0",
  jobId: "j1",
  kind: "unpack",
  position: 0,
  isolation: null,
  handle: "fake/1/s0",
});
const nothing = { cpuMs: null, wallMs: null, peakMemoryBytes: null, outputBytes: 0 };
const untouched = { cause: null, startedAt: null, endedAt: null, exitCode: null, signal: null };

describe("a stage", () => {
  it("begins with nothing of it begun", () => {
    expect(unpack).toEqual({
      id: "s0",
      jobId: "j1",
      kind: "unpack",
      position: 0,
      isolation: null,
      handle: "fake/1/s0",
      ...untouched,
      state: "queued",
      usage: nothing,
      attempt: 0,
    });
    expect(nothingUsed).toEqual(nothing);
  });

  it("is found by its id, and by its kind the last of them", () => {
    const again = { ...unpack, id: "s1", position: 1 };
    const named = { ...unpack, id: "unpack" };
    expect(findStage([unpack, again], "unpack")).toBe(again);
    expect(findStage([unpack, again], "s0")).toBe(unpack);
    expect(findStage([named, again], "unpack")).toBe(named);
    expect(findStage([unpack], "clone")).toBeNull();
  });

  it("has its output by its place, and the user's by the job", () => {
    expect([outputIdOf(unpack), outputIdOf({ id: "j1", jobId: "j1", position: 1 })]).toEqual(["j1.0", "j1"]);
  });

  it("is told of in events where it is not the only one", () => {
    expect(aboutUserStage({ id: "j1", stagesBefore: 0 }, "running")).toEqual({});
    expect(aboutUserStage({ id: "j1", stagesBefore: 1 }, "running")).toEqual({
      stage: { id: "j1", kind: "command", state: "running" },
    });
    expect(aboutStage(unpack, "failed")).toEqual({ stage: { id: "s0", kind: "unpack", state: "failed" } });
  });

  it("goes on until it has come to an end", () => {
    expect(stageStates.filter((state) => !hasEnded({ state })).toSorted()).toEqual([
      "preparing",
      "queued",
      "running",
      "stopping",
    ]);
  });

  it("before the user's is entered from few states, and begun once more from running", () => {
    const before = (state: Parameters<typeof stageStatesBefore>[0]) => stageStatesBefore(state);
    expect(before("running")).toEqual(["queued", "running"]);
    expect(before("succeeded")).toEqual(["running"]);
    expect([before("failed"), before("canceled")]).toEqual([
      ["queued", "running"],
      ["queued", "running"],
    ]);
    expect([before("queued"), before("skipped"), before("lost")]).toEqual([[], [], []]);
  });

  it("is put into what its kind says, and the user's into what the job was granted", () => {
    expect([isInfrastructure("unpack"), isInfrastructure("clone"), isInfrastructure("command")]).toEqual([
      true,
      true,
      false,
    ]);
    const grant = { kind: "profile", name: "internet" } as never;
    expect(surroundingsOfStage("unpack", grant)).toBe(plainSurroundings);
    expect(surroundingsOfStage("command", grant)).toEqual(surroundingsOf(grant));
    expect(surroundingsOf(grant)).not.toEqual(plainSurroundings);
  });
});

describe("what comes before the user's code", () => {
  it("is to unpack what is to be unpacked", () => {
    expect(stagesBefore({})).toEqual([]);
    expect(stagesBefore({ archive: { upload: "a", format: "tar" } })).toEqual(["unpack"]);
  });

  it("is to fetch what is not kept", () => {
    const source = { commit: null } as never;
    expect([stagesFor(null), stagesFor(source), stagesFor({ commit: "c0ffee" } as never)]).toEqual([
      [],
      ["clone"],
      [],
    ]);
  });
});

describe("all stages of a job", () => {
  const ran = { startedAt: 1, endedAt: 2, exitCode: 3, signal: null, handle: "fake/1/j1" };
  const usage = { cpuMs: 1, wallMs: 2, peakMemoryBytes: 3, outputBytes: 4 };
  const cause = { code: "exit", message: "It ended with 3", evidence: {} } as const;
  const job = sampleJob({ id: "j1", state: "failed", ...ran, usage, cause });

  it("end with the user's, whose facts are the job's", () => {
    const own = { id: "j1", jobId: "j1", position: 0, kind: "command" };
    expect(stagesOf(job, [])).toEqual([
      { ...own, ...ran, state: "failed", cause, usage, isolation: null, attempt: 1 },
    ]);
    expect(stagesOf({ ...job, startedAt: null }, [])).toMatchObject([{ attempt: 0 }]);
    const done = { ...unpack, state: "succeeded" } as const;
    expect(stagesOf(job, [done])).toMatchObject([
      done,
      { ...own, position: 1, state: "failed", exitCode: 3 },
    ]);
  });

  it("say nothing of the user's while one before it has not succeeded", () => {
    const failed = { ...unpack, state: "failed" } as const;
    const own = { id: "j1", jobId: "j1", position: 1, kind: "command", handle: "fake/1/j1" };
    const nothingOfIt = { ...own, ...untouched, usage: nothing, isolation: null, attempt: 0 };
    expect(stagesOf(job, [failed])).toEqual([failed, { ...nothingOfIt, state: "skipped" }]);
    const going = { ...unpack, state: "running" } as const;
    expect(stagesOf({ ...job, state: "preparing" }, [going])).toEqual([
      going,
      { ...nothingOfIt, state: "queued" },
    ]);
  });

  it("are skipped where the end of the job leaves them undone, and stopped where it is being stopped", () => {
    const statesIn = (state: "failed" | "stopping" | "preparing", of: "queued" | "running" | "succeeded") =>
      stagesOf({ ...job, state }, [{ ...unpack, state: of }])[0]?.state;
    expect([statesIn("failed", "queued"), statesIn("failed", "succeeded")]).toEqual(["skipped", "succeeded"]);
    expect([statesIn("stopping", "running"), statesIn("stopping", "queued")]).toEqual(["stopping", "queued"]);
    expect([statesIn("preparing", "running"), statesIn("preparing", "queued")]).toEqual([
      "running",
      "queued",
    ]);
  });
});
