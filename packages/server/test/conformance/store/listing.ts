import type { JobState } from "@berth/protocol";
import { beforeAll, describe, expect, it } from "vitest";
import type { Job } from "../../../src/core/job/job.ts";
import type { JobFilter } from "../../../src/store/store.ts";
import { filterOf } from "../../support/sample-job.ts";
import type { StoreBench } from "../../support/store-bench.ts";

const owner = "lister";
const states: JobState[] = ["queued", "running", "succeeded", "failed"];

/** What a list must show, in plain code. */
function passes(job: Job, filter: Partial<JobFilter>): boolean {
  return (
    (filter.owner ?? job.owner) === job.owner &&
    (filter.states ?? [job.state]).includes(job.state) &&
    (filter.name ?? job.name) === job.name &&
    (filter.task ?? job.task?.name) === job.task?.name &&
    (filter.labels ?? []).every(
      ({ key, value }) => Object.hasOwn(job.labels, key) && job.labels[key] === value,
    ) &&
    (filter.createdAfter ?? -Infinity) < job.createdAt &&
    (filter.createdBefore ?? Infinity) > job.createdAt
  );
}

const a = { key: "list-team", value: "a" };
const even = { key: "list-even", value: "1" };
/** Each names the owner or a label that no other test uses. */
const filters: [string, Partial<JobFilter>][] = [
  ["its owner", { owner }],
  ["one state of an owner", { owner, states: ["running"] }],
  ["several states of an owner", { owner, states: ["failed", "queued", "failed"] }],
  ["no state at all", { owner, states: [] }],
  ["a name", { name: "list-three" }],
  ["a name and an owner", { name: "list-three", owner }],
  ["a name, an owner and states", { name: "list-three", owner, states: ["queued", "succeeded"] }],
  ["a task", { task: "list-task" }],
  ["a task and an owner", { task: "list-task", owner }],
  ["a task, an owner and states", { task: "list-task", owner, states: ["queued", "succeeded"] }],
  ["a task, a name and a label", { task: "list-task", name: "list-three", labels: [a] }],
  ["a label", { labels: [a] }],
  ["two labels", { labels: [a, even] }],
  ["the same two the other way round", { labels: [even, a] }],
  [
    "two labels, a name, an owner and states",
    { labels: [a, even], name: "list-three", owner, states: ["queued", "succeeded"] },
  ],
  ["a time after", { owner, createdAfter: 1020 }],
  ["a time before", { owner, createdBefore: 1010 }],
  ["a time between, by label", { labels: [a], createdAfter: 1003, createdBefore: 1030 }],
  ["a time between, by name", { name: "list-three", createdAfter: 1003, createdBefore: 1030 }],
  ["an owner that has nothing", { owner: "list", labels: [a] }],
  ["a label value that no job has", { labels: [{ key: "list-team", value: "" }] }],
];

export function describeListing(use: () => StoreBench): void {
  describe("listing", () => {
    let jobs: Job[] = [];
    /** Newest first: creation time, then id. */
    const expected = (filter: Partial<JobFilter>): string[] =>
      jobs
        .filter((job) => passes(job, filter))
        .toSorted((one, other) => other.createdAt - one.createdAt || (other.id > one.id ? 1 : -1))
        .map(({ id }) => id);

    beforeAll(async () => {
      // Four jobs for each millisecond: pages end between equal times.
      jobs = await Promise.all(
        Array.from({ length: 160 }, (_, n) =>
          use().insertIn(states[n % 4] ?? "queued", {
            owner: n % 10 === 0 ? `${owner}-2` : owner,
            name: n % 3 === 0 ? "list-three" : null,
            task: n % 7 < 3 ? { name: "list-task", version: 1, runnerVersion: 1 } : null,
            createdAt: 1000 + Math.floor(n / 4),
            labels: { "list-team": n % 2 ? "a" : "a-b", ...(n % 5 === 0 ? { "list-even": "1" } : {}) },
          }),
        ),
      );
    });

    it.each(filters)("shows by %s exactly what there is, newest first", async (_, filter) => {
      expect(await use().listIds({ ...filter, limit: 200 })).toEqual(expected(filter));
    });

    it.each(filters)("pages by %s without repeating or missing any", async (_, filter) => {
      for (const limit of [1, 7, 160]) {
        const pages = await use().pages({ ...filter, limit });
        expect(pages.flat()).toEqual(expected(filter));
        expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true);
      }
    });

    it("ABUSE 27: never takes a label, owner or name for another that it begins with", async () => {
      const inserted = await use().insert({
        owner: "team-a-b",
        name: "team-a-b",
        labels: { prefix: "team-a-b" },
      });
      expect(await use().listIds({ labels: [{ key: "prefix", value: "team-a" }] })).toEqual([]);
      expect(await use().listIds({ labels: [{ key: "pre", value: "team-a-b" }] })).toEqual([]);
      expect(await use().listIds({ labels: [{ key: "prefix", value: "team-a%" }] })).toEqual([]);
      expect(await use().listIds({ owner: "team-a" })).toEqual([]);
      expect(await use().listIds({ name: "team-a" })).toEqual([]);
      expect(await use().listIds({ labels: [{ key: "prefix", value: "team-a-b" }] })).toEqual([inserted.id]);
    });

    it("goes on where a page ended when jobs come and go between the pages", async () => {
      const own = { owner: "pager" };
      const old = await Promise.all(
        Array.from({ length: 6 }, (_, n) => use().insertIn("failed", { ...own, createdAt: n })),
      );
      const first = await use().store.jobs.list(filterOf({ ...own, limit: 3 }));
      expect(first.items.map(({ id }) => id)).toEqual([old[5]?.id, old[4]?.id, old[3]?.id]);
      await use().insert({ ...own, createdAt: 99 });
      await use().store.jobs.delete(old[3]?.id ?? "");
      const second = await use().store.jobs.list(filterOf({ ...own, limit: 3, cursor: first.next }));
      expect(second.items.map(({ id }) => id)).toEqual([old[2]?.id, old[1]?.id, old[0]?.id]);
      expect(second.next).toBeNull();
    });

    it("ends a page early rather than reading many megabytes at once", async () => {
      const args = ["x".repeat(600_000)];
      const named = { owner: "heavy", spec: { command: "true", args } };
      const jobIds = [await use().insert(named), await use().insert(named), await use().insert(named)].map(
        ({ id }) => id,
      );
      const pages = await use().pages({ owner: "heavy" });
      expect(pages).toEqual([[jobIds[2], jobIds[1]], [jobIds[0]]]);
    });

    it("lets other work run while it looks through many candidates", async () => {
      const labels = { crowd: "1" };
      await Promise.all(Array.from({ length: 2100 }, () => use().insert({ owner: "crowd", labels })));
      let turns = 0;
      const count = (): void => {
        turns += 1;
        handle = setImmediate(count);
      };
      let handle = setImmediate(count);
      expect(await use().listIds({ name: "nobody", labels: [{ key: "crowd", value: "1" }] })).toEqual([]);
      clearImmediate(handle);
      expect(turns).toBeGreaterThanOrEqual(4);
    });

    it("ABUSE 27: refuses a cursor that is not its own", async () => {
      const { next } = await use().store.jobs.list(filterOf({ owner, limit: 2 }));
      const own = next ?? "";
      const flip = (at: number): string =>
        own.slice(0, at) + (own[at] === "A" ? "B" : "A") + own.slice(at + 1);
      const flipped = Array.from({ length: own.length }, (_, at) => flip(at));
      const foreign = [
        "",
        "x",
        "null",
        `${own}A`,
        own.slice(0, -1),
        ` ${own}`,
        `${own}=`,
        "'; --",
        "\0",
        "é",
        "A".repeat(512),
      ];
      for (const cursor of [...flipped, ...foreign]) {
        const refusal = use().store.jobs.list(filterOf({ owner, cursor }));
        await expect(refusal.then(() => cursor)).rejects.toMatchObject({ code: "CURSOR_INVALID" });
      }
    });
  });

  describe("the queue", () => {
    it("names all jobs that have not ended, oldest first", async () => {
      const live = await Promise.all(
        (["queued", "preparing", "running", "stopping"] as const).map((state) =>
          use().insertIn(state, { engine: state }),
        ),
      );
      const ended = await use().insertIn("lost");
      const unfinished = await use().store.jobs.unfinished();
      const ids = unfinished.map(({ id }) => id);
      expect(ids).toEqual(ids.toSorted());
      expect(ids).not.toContain(ended.id);
      const own = unfinished.filter(({ id }) => live.some((job) => job.id === id));
      expect(own).toHaveLength(4);
      expect(own.every(({ state, engine }) => state === engine)).toBe(true);
    });
  });
}
