import { stageStates } from "@berth/protocol";
import { describe, expect, it } from "vitest";
import type { Job } from "../../../src/core/job/job.ts";
import { stageStatesBefore } from "../../../src/core/stages/stage-transitions.ts";
import type { Stage } from "../../../src/core/stages/stage.ts";
import { sampleJob } from "../../support/sample-job.ts";
import { sampleStages } from "../../support/sample-stage.ts";
import type { StoreBench } from "../../support/store-bench.ts";

const at = 1_800_000_002_000;

export function describeStages(use: () => StoreBench): void {
  async function insert(states: readonly Stage["state"][]): Promise<{ job: Job; stages: Stage[] }> {
    const job = sampleJob({ stagesBefore: states.length });
    const stages = sampleStages(job, states);
    return { job: await use().insert(job, { stages }), stages };
  }

  async function insertOne(state: Stage["state"]): Promise<{ job: Job; stage: Stage }> {
    const { job, stages } = await insert([state]);
    const [stage] = stages;
    if (!stage) throw new Error("Cannot insert a stage");
    return { job, stage };
  }

  describe("stages", () => {
    it("come with their job, in order, and are found by their ids", async () => {
      const { job, stages } = await insert(["succeeded", "running", "queued"]);
      expect(await use().store.stages.list(job.id)).toStrictEqual(stages);
      for (const stage of stages) expect(await use().store.stages.get(stage.id)).toStrictEqual(stage);
      expect((await use().store.jobs.get(job.id))?.stagesBefore).toBe(3);
    });

    it("are none of a plain command, whose id is not that of a row", async () => {
      const job = await use().insert();
      expect(await use().store.stages.list(job.id)).toEqual([]);
      expect(await use().store.stages.get(job.id)).toBeNull();
    });

    it("keep what a transition says of them, and tell of it by an event of their job", async () => {
      const { job, stage } = await insertOne("queued");
      await use().move(job.id, "preparing");
      const told: string[] = [];
      const unsubscribe = use().store.subscribe(job.id, () => told.push("changed"));
      const started = await use().store.stages.transition(stage, "running", {
        at,
        startedAt: at,
        attempt: 1,
      });
      const ending = {
        cause: { code: "exit", message: "Exited with code 2", evidence: { exitCode: 2 } },
        endedAt: at + 5,
        exitCode: 2,
        usage: { cpuMs: 1.5, wallMs: 5, peakMemoryBytes: null, outputBytes: 7 },
        isolation: { level: "namespaces", items: [] },
      } as const;
      const change = { ...ending, isolation: { ...ending.isolation, items: [] } };
      const ended = await use().store.stages.transition(stage, "failed", { at: at + 5, ...change });
      unsubscribe();
      expect(started).toStrictEqual({ ...stage, state: "running", startedAt: at, attempt: 1 });
      expect(ended).toStrictEqual({ ...started, ...ending, state: "failed" });
      expect(await use().store.stages.get(stage.id)).toStrictEqual(ended);
      expect(told).toHaveLength(2);
      const events = await use().store.events.list(job.id, 2);
      const of = (state: string) => ({ id: stage.id, kind: "unpack", state });
      expect(events).toMatchObject([
        { seq: 3, type: "preparing", at, stage: of("running") },
        { seq: 4, type: "preparing", at: at + 5, stage: of("failed") },
      ]);
    });

    it.each(stageStates.flatMap((from) => stageStates.map((to) => [from, to] as const)))(
      "go from %s to %s only where the table says so",
      async (from, to) => {
        const { job, stage } = await insertOne(from);
        const moved = await use().store.stages.transition(stage, to, { at });
        const allowed = stageStatesBefore(to).includes(from);
        expect(moved?.state).toBe(allowed ? to : undefined);
        expect((await use().store.stages.get(stage.id))?.state).toBe(allowed ? to : from);
        expect(await use().store.events.list(job.id, 1)).toHaveLength(allowed ? 1 : 0);
      },
    );

    it("are put to the event that is theirs: a state that was passed and is recorded already gets nobody else's", async () => {
      const { job, stage } = await insertOne("succeeded");
      const own = { id: stage.id, kind: stage.kind, state: "running" } as const;
      const users = { id: job.id, kind: "command", state: "running" } as const;
      await use().move(job.id, "preparing");
      await use().store.jobs.transition(job.id, "running", { at, startedAt: at, stage: users });
      await use().store.jobs.transition(job.id, "stopping", { at: at + 1, stage: own });
      await use().store.jobs.transition(job.id, "failed", {
        at: at + 2,
        passed: { state: "running", at, stage: { ...users, state: "failed" } },
      });
      expect(
        (await use().store.events.list(job.id, 2)).map(({ type, stage: about }) => [type, about]),
      ).toEqual([
        ["running", users],
        ["stopping", own],
        ["failed", null],
      ]);
    });

    it("go with their job", async () => {
      const { job, stage } = await insertOne("queued");
      await use().move(job.id, "canceled");
      expect(await use().store.jobs.delete(job.id)).toBe(true);
      expect(await use().store.stages.get(stage.id)).toBeNull();
      expect(await use().store.stages.transition(stage, "running", { at })).toBeNull();
    });
  });
}
