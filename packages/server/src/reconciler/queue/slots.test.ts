import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Slots } from "./slots.ts";

/** Slots over a store in which `stored` are queued; who is started is claimed a moment later. */
function slotsOf(total: number) {
  const started: string[] = [];
  const gone: string[] = [];
  const stored = new Set<string>();
  const slots = new Slots({
    total,
    start: (id) => {
      started.push(id);
      queueMicrotask(() => stored.delete(id));
    },
    oldest: async (most) => {
      await turn();
      return [...stored].toSorted().slice(0, most);
    },
    gone: (id) => gone.push(id),
  });
  const enqueue = (id: string): void => {
    stored.add(id);
    slots.enqueue([id]);
  };
  const settled = async (): Promise<string[]> => {
    for (let n = 0; n < 10; n += 1) await turn();
    return started;
  };
  return { slots, stored, gone, enqueue, settled };
}

describe("slots", () => {
  it("gives a free slot at once and queues the rest, first in first out", async () => {
    const { slots, enqueue, settled } = slotsOf(1);
    expect(slots.reserve("a")).toBe(true);
    expect(slots.reserve("b")).toBe(false);
    expect(slots.reserve("c")).toBe(false);
    enqueue("b");
    enqueue("c");
    expect(await settled()).toEqual([]);
    slots.leave("a");
    expect(await settled()).toEqual(["b"]);
    slots.leave("b");
    expect(await settled()).toEqual(["b", "c"]);
    expect(slots.queued).toBe(0);
  });

  it("lets nobody overtake a job that is still being stored", async () => {
    const { slots, enqueue, settled } = slotsOf(1);
    slots.reserve("a");
    slots.reserve("b");
    slots.leave("a");
    expect(slots.reserve("c")).toBe(false);
    enqueue("c");
    expect(await settled()).toEqual([]);
    enqueue("b");
    expect(await settled()).toEqual(["b"]);
  });

  it("starts nobody of whom the store knows before who stores him does", async () => {
    const { slots, stored, enqueue, settled } = slotsOf(1);
    slots.reserve("a");
    slots.reserve("b");
    slots.reserve("c");
    stored.add("b");
    enqueue("c");
    slots.leave("a");
    expect(await settled()).toEqual([]);
    enqueue("b");
    expect(await settled()).toEqual(["b"]);
  });

  it("goes on when the first in line leaves", async () => {
    const { slots, enqueue, settled } = slotsOf(1);
    slots.reserve("a");
    slots.reserve("b");
    slots.reserve("c");
    enqueue("c");
    slots.leave("a");
    slots.leave("b");
    expect(await settled()).toEqual(["c"]);
  });

  it("counts jobs found after a restart, even above the total", async () => {
    const { slots, enqueue, settled } = slotsOf(1);
    slots.occupy("a");
    slots.occupy("b");
    slots.reserve("c");
    enqueue("c");
    slots.leave("a");
    expect(await settled()).toEqual([]);
    slots.leave("b");
    expect(await settled()).toEqual(["c"]);
  });

  it("goes by the store and not by the order in which it heard of those who wait", async () => {
    const { slots, enqueue, settled } = slotsOf(2);
    slots.occupy("x");
    slots.occupy("y");
    for (const id of ["c", "a", "b"]) enqueue(id);
    slots.leave("x");
    slots.leave("y");
    expect(await settled()).toEqual(["a", "b"]);
    expect([slots.busy, slots.queued]).toEqual([2, 1]);
  });

  it("starts nobody twice who is still queued in the store, and passes over who is there no more", async () => {
    const { slots, stored, gone, enqueue, settled } = slotsOf(2);
    slots.occupy("x");
    slots.occupy("y");
    for (const id of ["a", "b", "c"]) enqueue(id);
    stored.delete("b");
    slots.leave("x");
    slots.leave("y");
    expect(await settled()).toEqual(["a", "c"]);
    slots.leave("a");
    await settled();
    expect([slots.busy, slots.queued, gone]).toEqual([1, 0, ["b"]]);
    expect(slots.reserve("d")).toBe(true);
  });

  it("forgets who is in the store no more where nobody else waits, and nobody who comes meanwhile", async () => {
    const { slots, stored, gone, enqueue, settled } = slotsOf(1);
    slots.occupy("x");
    enqueue("a");
    stored.delete("a");
    slots.leave("x");
    // The answer that is under way knows nothing of this one.
    enqueue("b");
    slots.reserve("c");
    expect(await settled()).toEqual(["b"]);
    slots.leave("b");
    await settled();
    expect([slots.busy, slots.queued, gone]).toEqual([0, 1, ["a"]]);
    enqueue("c");
    expect(await settled()).toEqual(["b", "c"]);
  });

  it("takes up more who wait than a call has room for, and starts one without a look at each of them", async () => {
    const ids = Array.from({ length: 200_000 }, (_, n) => String(n).padStart(6, "0"));
    const started: string[] = [];
    let asked = 0;
    const oldest = async (): Promise<readonly string[]> => [ids[asked++] ?? ""];
    const slots = new Slots({ total: 1, start: (id) => started.push(id), oldest, gone: () => undefined });
    slots.enqueue(ids);
    await turn();
    // With a walk over the line at each start these take longer than a test may.
    for (let n = 0; n < 3000; n += 1) {
      slots.leave(started.at(-1) ?? "");
      await turn();
    }
    expect(started).toEqual(ids.slice(0, 3001));
    expect(slots.queued).toBe(200_000 - 3001);
  });

  it("starts nothing once closed", async () => {
    const { slots, enqueue, settled } = slotsOf(1);
    slots.close();
    expect(slots.reserve("a")).toBe(false);
    enqueue("a");
    expect(await settled()).toEqual([]);
  });
});
