import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { onLoop } from "../lib/on-loop.ts";
import { returnMemory } from "../lib/return-memory.ts";
import { elsewhere, operationOf, type Standstill, watchLoop } from "./loop-watch.ts";

function work(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe("what a standstill is put down to", () => {
  const spent = new Map([
    ["short", 10],
    ["long", 60],
  ]);
  it.each([
    ["the operation that took most of it", { ms: 100, cpuMs: 100, collectedMs: 0, spent }, "long"],
    [
      "no operation that took less than half",
      { ms: 200, cpuMs: 200, collectedMs: 0, spent },
      elsewhere.unknown,
    ],
    [
      "the collector, where that took half",
      { ms: 100, cpuMs: 100, collectedMs: 50, spent },
      elsewhere.garbage,
    ],
    [
      "the host, where the thread hardly worked",
      { ms: 200, cpuMs: 90, collectedMs: 0, spent },
      elsewhere.host,
    ],
    ["the operation, where that waited for a disk", { ms: 100, cpuMs: 1, collectedMs: 0, spent }, "long"],
  ])("is %s", (_what, seen, operation) => {
    expect(operationOf(seen)).toBe(operation);
  });
});

describe("a watched event loop", () => {
  const seen: Standstill[] = [];
  let heard = Promise.withResolvers<void>();
  const watch = (): Disposable =>
    watchLoop((standstill) => {
      seen.push(standstill);
      heard.resolve();
    });
  afterEach(() => {
    seen.length = 0;
    heard = Promise.withResolvers<void>();
  });

  it("tells of a standstill by the name of what it stood still for", async () => {
    using _watch = watch();
    // The watch may be in the middle of the process's own beginnings.
    onLoop("the long work", () => work(400));
    await heard.promise;
    const [first] = seen;
    expect(first?.operation).toBe("the long work");
    expect(first?.ms).toBeGreaterThan(350);
  });

  it("tells how much of it was the collection of garbage", async () => {
    using _watch = watch();
    onLoop("the long work", () => {
      work(300);
      returnMemory();
    });
    await heard.promise;
    expect(seen[0]?.collectedMs).toBeGreaterThan(0);
  });

  it("says that it does not know, where nobody gave a name", async () => {
    using _watch = watch();
    onLoop("something else", () => work(1));
    work(400);
    await heard.promise;
    expect([elsewhere.unknown, elsewhere.host]).toContain(seen[0]?.operation);
  });

  it("tells of a standstill that ends a rest", async () => {
    const resting = Promise.withResolvers<boolean>();
    using _watch = watchLoop((standstill) => {
      seen.push(standstill);
      heard.resolve();
    }, resting.resolve);
    expect(await resting.promise).toBe(true);
    // A watch that does not rest comes round 25 times meanwhile.
    expect(await wakesIn(500)).toBeLessThan(15);
    // A busy host may have held it up before.
    seen.length = 0;
    heard = Promise.withResolvers<void>();
    onLoop("the long work", () => work(200));
    await heard.promise;
    expect(seen[0]?.operation).toBe("the long work");
    expect(seen[0]?.ms).toBeGreaterThan(150);
  });
});

/** How often the event loop comes round. */
async function wakesIn(ms: number): Promise<number> {
  const before = performance.nodeTiming.uvMetricsInfo.loopCount;
  await pause(ms);
  return performance.nodeTiming.uvMetricsInfo.loopCount - before;
}
