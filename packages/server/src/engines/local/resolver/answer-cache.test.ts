import { describe, expect, it } from "vitest";
import { createManualClock } from "../../../lib/manual-clock.ts";
import { AnswerCache } from "./answer-cache.ts";

function cacheOf(most: number) {
  const clock = createManualClock();
  const cache = new AnswerCache<string>({ most, clock });
  let found = 0;
  const find = (value: string, ms: number) => () => {
    found += 1;
    return Promise.resolve({ value, ms });
  };
  return { clock, cache, find, found: () => found };
}

describe("what was found out", () => {
  it("is told for as long as it holds, with what is left of that", async () => {
    const { clock, cache, find, found } = cacheOf(10);
    expect(await cache.get("a", find("one", 1000))).toEqual({ value: "one", leftMs: 1000 });
    clock.advance(400);
    expect(await cache.get("a", find("two", 1000))).toEqual({ value: "one", leftMs: 600 });
    clock.advance(600);
    expect(await cache.get("a", find("three", 1000))).toEqual({ value: "three", leftMs: 1000 });
    expect(found()).toBe(2);
  });

  it("is found out once for all who ask meanwhile, also where it holds for no time", async () => {
    const { cache, find, found } = cacheOf(10);
    const all = await Promise.all([1, 2, 3].map(() => cache.get("a", find("one", 0))));
    expect(all).toEqual(Array(3).fill({ value: "one", leftMs: 0 }));
    expect(found()).toBe(1);
    expect(cache.size).toBe(0);
    await cache.get("a", find("two", 0));
    expect(found()).toBe(2);
  });

  it("makes room for what is newer", async () => {
    const { cache, find, found } = cacheOf(2);
    for (const key of ["a", "b", "c"]) await cache.get(key, find(key, 1000));
    expect(cache.size).toBe(2);
    await cache.get("c", find("c", 1000));
    await cache.get("b", find("b", 1000));
    expect(found()).toBe(3);
    await cache.get("a", find("a", 1000));
    expect(found()).toBe(4);
  });

  it("is not kept where finding it out failed", async () => {
    const { cache, find } = cacheOf(2);
    await expect(cache.get("a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await cache.get("a", find("one", 1))).toMatchObject({ value: "one" });
  });
});
