import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Slots } from "./slots.ts";

/** Slots over a store in which `stored` are queued; who is started is claimed a moment later. */
function slotsOf(total: number) {
  const started: string[] = [];
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
  });
  const enqueue = (id: string): void => {
    stored.add(id);
    slots.enqueue(id);
  };
  const settled = async (): Promise<string[]> => {
    for (let n = 0; n < 10; n += 1) await turn();
    return started;
  };
  return { slots, stored, enqueue, settled };
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
    const { slots, stored, enqueue, settled } = slotsOf(2);
    slots.occupy("x");
    slots.occupy("y");
    for (const id of ["a", "b", "c"]) enqueue(id);
    stored.delete("b");
    slots.leave("x");
    slots.leave("y");
    expect(await settled()).toEqual(["a", "c"]);
  });

  it("starts nothing once closed", async () => {
    const { slots, enqueue, settled } = slotsOf(1);
    slots.close();
    expect(slots.reserve("a")).toBe(false);
    enqueue("a");
    expect(await settled()).toEqual([]);
  });
});
