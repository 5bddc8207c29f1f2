import { describe, expect, it } from "vitest";
import { newId } from "../../../src/lib/ids.ts";
import { noInputs, sampleJob } from "../../support/sample-job.ts";
import type { StoreBench } from "../../support/store-bench.ts";

export function describeQueueing(use: () => StoreBench): void {
  describe("who is next in the queue of an engine", () => {
    const first = { after: null, most: 10 };

    it("is of each owner the oldest that waits there, whatever the clock said, and nobody who waits no more", async () => {
      const { store } = use();
      const engine = `queue-${newId()}`;
      const ids = Array.from({ length: 6 }, () => newId());
      // Stored in another order than they came in, and as by a clock that was set back meanwhile.
      for (const [n, id] of ids.toReversed().entries())
        await use().insert({ id, engine, owner: "ann", createdAt: 1_800_000_000_000 + n });
      const [a = "", b = "", c = "", ...rest] = ids;
      const other = await use().insert({ engine, owner: "b\ud800b\u0000" });
      await use().insert({ engine: "another" });
      const idsOf = (jobs: readonly { id: string }[]): string[] => jobs.map(({ id }) => id);
      // Owners in the order of the database.
      const heads = async () =>
        (await store.jobs.queuedHeads(engine, first)).toSorted((one, two) => (one.id < two.id ? -1 : 1));
      expect(await heads()).toEqual([
        { owner: "ann", id: a, priority: 0 },
        { owner: other.owner, id: other.id, priority: 0 },
      ]);
      expect(idsOf(await store.jobs.queuedOf(engine, { owner: "ann", most: 10 }))).toEqual(ids);
      expect(idsOf(await store.jobs.queuedOf(engine, { owner: "ann", most: 2 }))).toEqual([a, b]);
      await use().move(a, "preparing");
      await use().move(c, "canceled");
      expect(idsOf(await heads())).toEqual([b, other.id]);
      expect(idsOf(await store.jobs.queuedOf(engine, { owner: "ann", most: 10 }))).toEqual([b, ...rest]);
      expect(await store.jobs.queuedHeads("no such engine", first)).toEqual([]);
      expect(await store.jobs.queuedOf(engine, { owner: "an", most: 10 })).toEqual([]);
    });

    it("is no run that waits for room in its task, which one after the other is given", async () => {
      const { store } = use();
      const engine = `queue-${newId()}`;
      const name = `task-${newId()}`;
      const definition = { kind: "task", name, owner: "ann", belongsTo: null, spec: "{}" } as const;
      const at = { createdAt: 1, updatedAt: 1, updatedBy: "ann" };
      expect(await store.definitions.insert({ ...definition, ...at })).toBe("done");
      const run = (waits: boolean) =>
        sampleJob({
          engine,
          owner: "ann",
          task: { name, version: 1, runnerVersion: 1, room: { most: 2, waits } },
        });
      const insert = (waits: boolean) => {
        const job = run(waits);
        return store.jobs
          .insert({ job, inputs: noInputs, idempotency: null })
          .then((made) => ({ ...made, id: job.id }));
      };
      // At once: no two take the same room.
      const all = await Promise.all(Array.from({ length: 6 }, () => insert(false)));
      const inside = all.filter(({ kind }) => kind === "created").map(({ id }) => id);
      expect([inside.length, all.filter(({ kind }) => kind === "task-full").length]).toEqual([2, 4]);
      const waiting = [(await insert(true)).id, (await insert(true)).id];
      expect(await store.jobs.get(waiting[0] ?? "")).toMatchObject({
        task: { room: { most: 2, waits: true } },
      });
      const queued = async () =>
        (await store.jobs.queuedOf(engine, { owner: "ann", most: 10 })).map(({ id }) => id).toSorted();
      expect(await queued()).toEqual(inside.toSorted());
      expect(await store.jobs.admit(name)).toBeNull();
      expect(await store.jobs.aheadInTask({ id: waiting[1] ?? "", task: name })).toBe(1);
      const [gone = "", stays = ""] = inside;
      await use().move(gone, "canceled", { endedAt: 1 });
      expect(await store.jobs.admit(name)).toMatchObject({ id: waiting[0], engine, owner: "ann" });
      expect(await store.jobs.admit(name)).toBeNull();
      expect(await queued()).toEqual([stays, waiting[0] ?? ""].toSorted());
      expect(await store.jobs.runsBefore({ id: waiting[1] ?? "", task: name })).toEqual(
        [stays, waiting[0] ?? ""].toSorted(),
      );
      const open = (await store.jobs.unfinished()).filter(({ task }) => task === name);
      expect(open.map(({ waits }) => waits).filter(Boolean)).toHaveLength(1);
    });

    it("is the most urgent of an owner's, and each knows how many of them stand before it", async () => {
      const { store } = use();
      const engine = `queue-${newId()}`;
      const jobs = [];
      for (const priority of [-5, 0, 7, 7]) jobs.push(await use().insert({ engine, owner: "ann", priority }));
      await use().insert({ engine, owner: "bob", priority: 100 });
      const heads = await store.jobs.queuedHeads(engine, first);
      expect(heads).toMatchObject([
        { owner: "ann", id: jobs[2]?.id, priority: 7 },
        { owner: "bob", priority: 100 },
      ]);
      const ahead = await Promise.all(jobs.map((job) => store.jobs.aheadOf(job)));
      expect(ahead).toEqual([3, 2, 0, 1]);
      expect((await store.jobs.get(jobs[2]?.id ?? ""))?.priority).toBe(7);
    });

    it("is told page by page, each owner once", async () => {
      const { store } = use();
      const engine = `queue-${newId()}`;
      for (const owner of ["c", "a", "b", "a", "C", "ä"]) await use().insert({ engine, owner });
      const owners: string[] = [];
      for (let after: string | null = null; ; ) {
        const page = await store.jobs.queuedHeads(engine, { after, most: 2 });
        owners.push(...page.map(({ owner }) => owner));
        if (page.length < 2) break;
        after = page.at(-1)?.owner ?? null;
      }
      expect(owners.toSorted()).toEqual(["C", "a", "b", "c", "ä"].toSorted());
    });

    it("knows when the last of an owner came", async () => {
      const owner = `owner-${newId()}`;
      for (const createdAt of [1000, 2000, 3000]) await use().insert({ owner, createdAt });
      expect(await use().store.jobs.lastCame(owner, { since: 0, most: 2 })).toEqual([3000, 2000]);
      expect(await use().store.jobs.lastCame(owner, { since: 1000, most: 9 })).toEqual([3000, 2000]);
      expect(await use().store.jobs.lastCame(owner, { since: 3000, most: 9 })).toEqual([]);
      expect(await use().store.jobs.lastCame("nobody at all", { since: 0, most: 2 })).toEqual([]);
    });

    it("keeps one quota for each name of a user, and of a group", async () => {
      const { quotas } = use().store;
      const none = { jobs: null, jobsPerHour: null, cpuMilli: null, memory: null, storedBytes: null };
      const of = (name: string, kind: "user" | "group" = "user") => ({ subject: { kind, name }, ...none });
      const large = { cpuMilli: 1500, memory: 2 ** 40, storedBytes: 2 ** 45 };
      await quotas.set({ ...of("b\ud800"), jobs: 1 });
      await quotas.set({ ...of("ann", "group"), ...large });
      await quotas.set({ ...of("ann"), jobsPerHour: 0 });
      await quotas.set({ ...of("b\ud800"), jobsPerHour: 7 });
      expect(await quotas.list()).toEqual([
        { ...of("ann"), jobsPerHour: 0 },
        { ...of("b\ud800"), jobsPerHour: 7 },
        { ...of("ann", "group"), ...large },
      ]);
      const ann = { kind: "user", name: "ann" } as const;
      expect([await quotas.delete(ann), await quotas.delete(ann)]).toEqual([true, false]);
      for (const { subject } of await quotas.list()) await quotas.delete(subject);
    });

    it("adds up what an owner's jobs have left, and takes it away with them", async () => {
      const { store } = use();
      const [one, other] = [`one-${newId()}`, `two-\ud800${newId()}`];
      const ended = async (owner: string, leftBytes: number): Promise<string> => {
        const { id } = await use().insert({ owner, state: "preparing" });
        const change = { at: 1_800_000_001_000, from: "preparing", leftBytes } as const;
        await store.jobs.transition(id, "failed", change);
        // An end that is not one adds nothing.
        await store.jobs.transition(id, "failed", change);
        return id;
      };
      const first = await ended(one, 5_000_000_000);
      await ended(one, 7);
      await ended(other, 100);
      const silent = await ended(other, 0);
      const stored = (...owners: string[]) => store.quotas.storedBytes(owners);
      expect(await stored(one)).toBe(5_000_000_007);
      expect(await stored(one, other, "nobody at all")).toBe(5_000_000_107);
      await store.uploads.insert({
        owner: other,
        name: newId(),
        state: "receiving",
        bytes: 1000,
        length: null,
        part: newId(),
        createdAt: 1,
        usedAt: 1,
      });
      expect(await stored(other)).toBe(1100);
      expect([await store.jobs.delete(first), await store.jobs.delete(first)]).toEqual([true, false]);
      await store.jobs.delete(silent);
      const { id: runs } = await use().insert({ owner: one, state: "preparing" });
      expect(await store.jobs.delete(runs)).toBe(false);
      expect([await stored(one), await stored(other), await stored()]).toEqual([7, 1100, 0]);
    });

    it("is begun by one only, of two who ask at once", async () => {
      const { id } = await use().insert();
      const begin = () =>
        use().store.jobs.transition(id, "preparing", { from: "queued", at: 1_800_000_001_000 });
      const begun = await Promise.all([begin(), begin()]);
      expect(begun.filter((job) => job !== null)).toHaveLength(1);
    });
  });
}
