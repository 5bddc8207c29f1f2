import { beforeAll, describe, expect, it } from "vitest";
import type { StoreBench } from "../../support/store-bench.ts";

const owner = "finder";
/** Two that begin alike for longer than their first group, one of another owner, one older. */
const ids = {
  one: "01a1fe2b-7c1e-7000-8000-000000000001",
  two: "01a1fe2b-7c1e-7000-8000-000000000002",
  other: "01a1fe2b-7c1e-7000-8000-000000000003",
  old: "01a1f000-0000-7000-8000-000000000000",
};

export function describeFinding(use: () => StoreBench): void {
  describe("finding a job by what people call it", () => {
    beforeAll(async () => {
      await use().insert({ id: ids.one, owner, name: "counter", createdAt: 2 });
      await use().insert({ id: ids.two, owner, name: "01a1f", createdAt: 3 });
      await use().insert({ id: ids.other, owner: "somebody", name: "counter", createdAt: 4 });
      await use().insert({ id: ids.old, owner, createdAt: 1 });
    });

    const found = async (
      text: string,
      { of = owner, limit = 10 }: { of?: string | null; limit?: number } = {},
    ): Promise<string[]> => (await use().store.jobs.find({ owner: of, text, limit })).map(({ id }) => id);

    it.each([
      ["its whole id", ids.one, [ids.one]],
      ["the beginning of its id", "01a1f0", [ids.old]],
      ["the beginning of several ids, newest first", "01a1fe", [ids.two, ids.one]],
      ["a beginning that ends in a hyphen", "01a1fe2b-", [ids.two, ids.one]],
      ["a beginning without hyphens, in capitals", "01A1FE2B7C1E70008000000000000002", [ids.two]],
      ["its name", "counter", [ids.one]],
      ["a name that is a beginning of ids as well, each once", "01a1f", [ids.two, ids.one, ids.old]],
      ["a part of a name", "count", []],
      ["a pattern", "01a1f%", []],
      ["more than an id", `${ids.one}0`, []],
      ["hyphens", "-", []],
    ])("finds by %s", async (_what, text, wanted) => {
      expect(await found(text)).toEqual(wanted);
    });

    it("shows nobody what is not theirs, and administrators all", async () => {
      expect(await found("counter", { of: "nobody" })).toEqual([]);
      expect(await found(ids.other)).toEqual([]);
      expect(await found("counter", { of: null })).toEqual([ids.other, ids.one]);
      expect(await found(ids.other.slice(0, 20), { of: null })).toEqual([ids.other, ids.two, ids.one]);
    });

    it("gives no more than it is asked for", async () => {
      expect(await found("01a1f", { limit: 2 })).toEqual([ids.two, ids.one]);
    });
  });
}
