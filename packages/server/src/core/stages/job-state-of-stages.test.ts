import { isTerminal, type JobState, type StageState } from "@berth/protocol";
import { describe, expect, it } from "vitest";
import { sampleJob } from "../../../test/support/sample-job.ts";
import { sampleStages } from "../../../test/support/sample-stage.ts";
import { jobStateOf } from "./job-state-of-stages.ts";
import type { Stage } from "./stage.ts";
import { stagesOf } from "./stages-of-job.ts";

const stop = { code: "stopped", message: "Stopped by ann", evidence: { by: "ann" } } as const;

/** The stages of a job in this state, before which there are some in these. */
function stagesIn(state: JobState, before: readonly StageState[]): Stage[] {
  const job = sampleJob({ state, stagesBefore: before.length, ...(isTerminal(state) && { cause: stop }) });
  const stages = sampleStages(job, before).map((stage) => ({
    ...stage,
    cause: stage.state === "queued" ? null : stop,
  }));
  return stagesOf(job, stages);
}

describe("the state of a job", () => {
  it.each<[of: JobState]>([
    ["queued"],
    ["preparing"],
    ["running"],
    ["stopping"],
    ["succeeded"],
    ["failed"],
    ["canceled"],
    ["lost"],
  ])("of one stage is that of the stage: %s", (state) => {
    const stages = stagesIn(state, []);
    expect(stages.map(({ kind }) => kind)).toEqual(["command"]);
    expect(jobStateOf(stages)).toMatchObject({ state, cause: isTerminal(state) ? stop : null });
  });

  it.each<[before: StageState[], user: JobState, state: JobState, by: number]>([
    [["queued", "queued"], "queued", "queued", 0],
    [["running", "queued"], "preparing", "preparing", 0],
    [["succeeded", "queued"], "preparing", "preparing", 1],
    [["succeeded", "running"], "preparing", "preparing", 1],
    [["succeeded", "succeeded"], "preparing", "preparing", 2],
    [["succeeded", "succeeded"], "running", "running", 2],
    [["succeeded", "succeeded"], "stopping", "stopping", 2],
    [["succeeded", "succeeded"], "succeeded", "succeeded", 2],
    [["succeeded", "succeeded"], "failed", "failed", 2],
    [["succeeded", "succeeded"], "lost", "lost", 2],
    [["failed", "queued"], "preparing", "failed", 0],
    [["succeeded", "failed"], "preparing", "failed", 1],
    [["succeeded", "canceled"], "stopping", "canceled", 1],
    [["failed", "queued"], "failed", "failed", 0],
  ])(
    "whose stages before the user's are %j and which is recorded as %s is %s, as stage %d says",
    (before, user, state, by) => {
      const decided = jobStateOf(stagesIn(user, before));
      expect([decided.state, decided.by.position]).toEqual([state, by]);
      expect(decided.cause).toEqual(isTerminal(state) ? stop : null);
    },
  );

  it("leaves what comes behind the stage that decided skipped", () => {
    const stages = stagesIn("failed", ["succeeded", "failed", "queued"]);
    expect(stages.map(({ state }) => state)).toEqual(["succeeded", "failed", "skipped", "skipped"]);
    expect(stages.at(-1)).toMatchObject({ cause: null, startedAt: null, exitCode: null });
  });

  it("shows a stage that is being stopped as such", () => {
    expect(stagesIn("stopping", ["running"]).map(({ state }) => state)).toEqual(["stopping", "queued"]);
  });
});
