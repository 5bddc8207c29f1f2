import { describe, expect, it } from "vitest";
import { Slots } from "./slots.ts";

function slotsOf(total: number) {
  const started: string[] = [];
  return { started, slots: new Slots({ total, start: (id) => started.push(id) }) };
}

describe("slots", () => {
  it("gives a free slot at once and queues the rest, first in first out", () => {
    const { slots, started } = slotsOf(1);
    expect(slots.reserve("a")).toBe(true);
    expect(slots.reserve("b")).toBe(false);
    expect(slots.reserve("c")).toBe(false);
    slots.enqueue("b");
    slots.enqueue("c");
    expect(started).toEqual([]);
    slots.leave("a");
    slots.leave("b");
    expect(started).toEqual(["b", "c"]);
  });

  it("lets nobody overtake a job that is still being stored", () => {
    const { slots, started } = slotsOf(1);
    slots.reserve("a");
    slots.reserve("b");
    slots.leave("a");
    expect(slots.reserve("c")).toBe(false);
    slots.enqueue("c");
    expect(started).toEqual([]);
    slots.enqueue("b");
    expect(started).toEqual(["b"]);
  });

  it("goes on when the first in line leaves", () => {
    const { slots, started } = slotsOf(1);
    slots.reserve("a");
    slots.reserve("b");
    slots.reserve("c");
    slots.enqueue("c");
    slots.leave("a");
    slots.leave("b");
    expect(started).toEqual(["c"]);
  });

  it("counts jobs found after a restart, even above the total", () => {
    const { slots, started } = slotsOf(1);
    slots.occupy("a");
    slots.occupy("b");
    slots.reserve("c");
    slots.enqueue("c");
    slots.leave("a");
    expect(started).toEqual([]);
    slots.leave("b");
    expect(started).toEqual(["c"]);
  });

  it("starts nothing once closed", () => {
    const { slots, started } = slotsOf(1);
    slots.close();
    expect(slots.reserve("a")).toBe(false);
    slots.enqueue("a");
    expect(started).toEqual([]);
  });
});
