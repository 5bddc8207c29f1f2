import { describe, expect, it } from "vitest";
import type { DueClaim } from "../../../src/core/task/schedules.ts";
import type { StoreBench } from "../../support/store-bench.ts";
import { sampleJob } from "../../support/sample-job.ts";

const definition = (kind: "runner" | "task" | "schedule", name: string, belongsTo: string | null) => ({
  kind,
  name,
  owner: "ann",
  belongsTo,
  spec: "{}",
  createdAt: 1,
  updatedAt: 1,
  updatedBy: "ann",
});

export function describeSchedules(use: () => StoreBench): void {
  describe("schedules", () => {
    let made = 0;
    /** One that is due at 1000. */
    async function scheduled(nextAt = 1000): Promise<string> {
      const { definitions } = use().store;
      made += 1;
      const name = `s-${String(made).padStart(3, "0")}`;
      await definitions.insert(definition("runner", "clock", null));
      await definitions.insert(definition("task", "clock", "clock"));
      expect(await definitions.insert({ ...definition("schedule", name, "clock"), nextAt })).toBe("done");
      return name;
    }
    const claim = (schedule: string, change: Partial<DueClaim> = {}): DueClaim => ({
      schedule,
      version: 1,
      from: 1000,
      dueAt: 1000,
      nextAt: 2000,
      missed: 0,
      at: 1003,
      ...change,
    });
    const stateOf = async (name: string) => (await use().store.schedules.states([name]))[0];
    const insert = async (due: DueClaim) => {
      const job = sampleJob();
      const inputs = { files: [], stdin: null };
      return [job.id, await use().store.jobs.insert({ job, inputs, idempotency: null, due })] as const;
    };

    it("come and go with their definitions, and keep their task there", async () => {
      const { definitions, schedules } = use().store;
      const name = await scheduled();
      const none = { lastAt: null, pausedAt: null, pausedWhy: null, refusals: 0 };
      expect(await stateOf(name)).toStrictEqual({ name, nextAt: 1000, ...none });
      const lonely = { ...definition("schedule", "lonely", "nowhere"), nextAt: 1 };
      expect(await definitions.insert(lonely)).toBe("no-parent");
      expect(await stateOf("lonely")).toBeUndefined();
      expect(await definitions.delete("task", "clock")).toBe("in-use");
      expect(await definitions.belongingTo("task", "clock", 1)).toEqual([name]);
      const change = { from: 1, spec: "{}", belongsTo: "clock", at: 2, by: "ann" };
      await definitions.change({ kind: "schedule", name }, change);
      expect((await stateOf(name))?.nextAt).toBe(1000);
      await definitions.change({ kind: "schedule", name }, { ...change, from: 2, nextAt: 5000 });
      expect((await stateOf(name))?.nextAt).toBe(5000);
      await schedules.skip(claim(name, { version: 3, from: 5000, dueAt: 5000 }));
      expect(await definitions.delete("schedule", name)).toBe("done");
      expect([await stateOf(name), await schedules.runs(name, { before: null, limit: 5 })]).toEqual([
        undefined,
        [],
      ]);
    });

    it("have an instant taken by one job of many, in its own write", async () => {
      const { store } = use();
      const name = await scheduled();
      const all = await Promise.all(Array.from({ length: 8 }, () => insert(claim(name))));
      const created = all.filter(([, { kind }]) => kind === "created");
      expect(created).toHaveLength(1);
      expect(all.filter(([, { kind }]) => kind === "not-due")).toHaveLength(7);
      for (const [id, { kind }] of all)
        expect([kind, (await store.jobs.get(id)) !== null]).toEqual([kind, kind === "created"]);
      expect(await stateOf(name)).toMatchObject({ nextAt: 2000, lastAt: 1000 });
      expect(await store.schedules.runs(name, { before: null, limit: 5 })).toEqual([
        {
          schedule: name,
          dueAt: 1000,
          at: 1003,
          outcome: "submitted",
          jobId: created[0]?.[0],
          why: null,
          missed: 0,
        },
      ]);
    });

    it.each([
      ["is paused", async (name: string) => await use().store.schedules.pause(name, 5)],
      [
        "says something else by now",
        async (name: string) => {
          const change = { from: 1, spec: '{"a":1}', belongsTo: "clock", at: 2, by: "ann" };
          return (await use().store.definitions.change({ kind: "schedule", name }, change)) === "done";
        },
      ],
      [
        "is gone",
        async (name: string) => (await use().store.definitions.delete("schedule", name)) === "done",
      ],
    ])("have none taken of one that %s", async (_what, change) => {
      const name = await scheduled();
      expect(await change(name)).toBe(true);
      const [id, { kind }] = await insert(claim(name));
      expect([kind, await use().store.jobs.get(id)]).toEqual(["not-due", null]);
      expect(await use().store.schedules.skip(claim(name))).toBe(false);
    });

    it("have no instant taken twice, also where their place was set back by hand", async () => {
      const { schedules } = use().store;
      const name = await scheduled();
      expect((await insert(claim(name)))[1].kind).toBe("created");
      await schedules.pause(name, 5);
      await schedules.resume(name, 1000);
      expect((await insert(claim(name)))[1].kind).toBe("not-due");
    });

    it("count what is refused in a row, pause with it, and begin anew when they are resumed", async () => {
      const { schedules } = use().store;
      const name = await scheduled();
      const refusal = { why: "not allowed", pauses: null, counts: true };
      expect(await schedules.refuse(claim(name), refusal)).toBe(true);
      const second = claim(name, { from: 2000, dueAt: 2000, nextAt: 3000 });
      expect(await schedules.refuse(second, { ...refusal, counts: false })).toBe(true);
      expect(await stateOf(name)).toMatchObject({ refusals: 1, pausedAt: null });
      const third = claim(name, { from: 3000, dueAt: 3000, nextAt: 4000, at: 3001 });
      await schedules.refuse(third, { ...refusal, pauses: "enough" });
      expect(await stateOf(name)).toMatchObject({ refusals: 2, pausedAt: 3001, pausedWhy: "enough" });
      expect(await schedules.pause(name, 9)).toBe(false);
      expect(await schedules.resume(name, 7000)).toBe(true);
      expect(await schedules.resume(name, 8000)).toBe(false);
      expect(await stateOf(name)).toMatchObject({
        refusals: 0,
        pausedAt: null,
        pausedWhy: null,
        nextAt: 7000,
      });
      const [, middle] = await schedules.runs(name, { before: null, limit: 5 });
      expect(middle).toMatchObject({ dueAt: 2000, outcome: "refused", jobId: null, why: "not allowed" });
      expect(await schedules.runs(name, { before: 2000, limit: 5 })).toMatchObject([{ dueAt: 1000 }]);
    });

    it("are told of in the order in which they are due, a page at a time", async () => {
      const { schedules } = use().store;
      const far = 2 ** 45;
      const [late, early, twin, paused] = [
        await scheduled(far + 20),
        await scheduled(far + 10),
        await scheduled(far + 10),
        await scheduled(far),
      ];
      await schedules.pause(paused, 1);
      const after = { nextAt: far - 1, name: "" };
      const first = await schedules.due(far + 20, { after, limit: 2 });
      expect(first.map(({ name }) => name)).toEqual([early, twin]);
      const rest = await schedules.due(far + 20, { after: first[1] ?? null, limit: 2 });
      expect(rest).toEqual([{ name: late, nextAt: far + 20 }]);
      expect(await schedules.firstAfter(far - 1)).toBe(far + 10);
      expect(await schedules.firstAfter(far + 10)).toBe(far + 20);
      expect(await schedules.firstAfter(far + 20)).toBeNull();
    });
  });
}
