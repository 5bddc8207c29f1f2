import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Applicant } from "./line.ts";
import { Slots } from "./slots.ts";

/** `ann:1` is ann's; whoever names no owner is. A `!` in it is a job that goes before its owner's others. */
function job(id: string): Applicant {
  const [owner, own] = id.split(":");
  return { id, owner: own === undefined ? "ann" : (owner ?? ""), priority: id.includes("!") ? 1 : 0 };
}

/** In the order in which a store has them. */
function inOrder(ids: Iterable<string>): Applicant[] {
  return [...ids].map(job).toSorted((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
}

/** Slots over a store in which `stored` are queued; who is started is claimed a moment later. */
function slotsOf(total: number) {
  const started: string[] = [];
  const gone: string[] = [];
  const stored = new Set<string>();
  const clock = { ms: 0 };
  const full = new Set<string>();
  let freed = 0;
  const real = new Slots({
    total,
    start: (id) => {
      started.push(id);
      queueMicrotask(() => stored.delete(id));
    },
    heads: async ({ after, most }) => {
      await turn();
      const first = Map.groupBy(inOrder(stored), ({ owner }) => owner);
      const owners = [...first.keys()].toSorted().filter((owner) => after === null || owner > after);
      return owners.slice(0, most).flatMap((owner) => first.get(owner)?.slice(0, 1) ?? []);
    },
    ofOwner: async ({ owner, most }) => {
      await turn();
      return inOrder(stored)
        .filter((one) => one.owner === owner)
        .slice(0, most);
    },
    gone: (id) => gone.push(id),
    begins: () => undefined,
    ends: () => undefined,
    isFull: (owner) => full.has(owner),
    isTooLarge: () => false,
    freed: () => freed,
    now: () => clock.ms,
  });
  const slots = {
    reserve: (id: string): boolean => real.reserve(job(id)),
    occupy: (id: string): void => real.occupy(job(id)),
    leave: (id: string): void => real.leave(id),
    close: (): void => real.close(),
    lookAgain: (): void => {
      freed += 1;
      real.lookAgain();
    },
    get busy() {
      return real.busy;
    },
    get queued() {
      return real.queued;
    },
  };
  const enqueue = (id: string): void => {
    stored.add(id);
    real.enqueue([job(id)]);
  };
  const settled = async (): Promise<string[]> => {
    for (let n = 0; n < 10; n += 1) await turn();
    return started;
  };
  return { slots, stored, gone, clock, full, enqueue, settled };
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
    const heads = async (): Promise<readonly Applicant[]> => [job(ids[asked++] ?? "")];
    const slots = new Slots({
      total: 1,
      start: (id) => started.push(id),
      heads,
      ofOwner: () => Promise.resolve([]),
      gone: () => undefined,
      begins: () => undefined,
      ends: () => undefined,
      isFull: () => false,
      isTooLarge: () => false,
      freed: () => 0,
      now: () => 0,
    });
    slots.enqueue(ids.map(job));
    await turn();
    // With a walk over the line at each start these take longer than a test may.
    for (let n = 0; n < 3000; n += 1) {
      slots.leave(started.at(-1) ?? "");
      await turn();
    }
    expect(started).toEqual(ids.slice(0, 3001));
    expect(slots.queued).toBe(200_000 - 3001);
  });

  it("gives the next slot to whoever has none, though somebody else has a thousand in line", async () => {
    const { slots, clock, enqueue, settled } = slotsOf(2);
    for (const id of ["x", "y"]) slots.occupy(id);
    for (let n = 1000; n < 2000; n += 1) enqueue(`${n}`);
    clock.ms = 60_000;
    enqueue("bob:1");
    slots.leave("x");
    expect(await settled()).toEqual(["bob:1"]);
    clock.ms += 1000;
    slots.leave("bob:1");
    slots.leave("y");
    expect(await settled()).toEqual(["bob:1", "1000", "1001"]);
  });

  it("keeps nobody waiting for whose turn it is while that one's job is being stored, and has that one next", async () => {
    const { slots, clock, enqueue, settled } = slotsOf(1);
    slots.occupy("bob:0");
    slots.reserve("a");
    enqueue("bob:1");
    enqueue("bob:2");
    clock.ms += 1000;
    slots.leave("bob:0");
    expect(await settled()).toEqual(["bob:1"]);
    enqueue("a");
    clock.ms += 1000;
    slots.leave("bob:1");
    expect(await settled()).toEqual(["bob:1", "a"]);
  });

  it("keeps nobody waiting for who has a more urgent one stored again and again, which never comes to be", async () => {
    const { slots, enqueue, settled } = slotsOf(1);
    slots.occupy("carl:0");
    enqueue("a");
    enqueue("bob:1");
    for (const id of ["b!", "c!"]) slots.reserve(id);
    slots.leave("carl:0");
    expect(await settled()).toEqual(["bob:1"]);
  });

  it("takes the more urgent of an owner first, and no other's later for it", async () => {
    const { slots, clock, enqueue, settled } = slotsOf(1);
    slots.occupy("bob:x");
    for (const id of ["a", "b", "c!", "bob:1", "bob:2!"]) enqueue(id);
    for (const id of ["bob:x", "c!", "a", "bob:2!"]) {
      clock.ms += 1000;
      slots.leave(id);
      await settled();
    }
    expect(await settled()).toEqual(["c!", "a", "bob:2!", "b"]);
  });

  it("starts all whom it has slots for, of more owners than it looks at in one breath", async () => {
    const { slots, enqueue, settled } = slotsOf(1500);
    const before = Array.from({ length: 1500 }, (_, n) => `before:${n}`);
    for (const id of before) slots.occupy(id);
    for (let n = 0; n < 2200; n += 1) enqueue(`o${10_000 + n}:1`);
    for (const id of before) slots.leave(id);
    expect(new Set(await settled()).size).toBe(1500);
    expect([slots.busy, slots.queued]).toEqual([1500, 700]);
  });

  it("passes over who has all that it may have, keeps nobody else waiting for that, and starts it when it may", async () => {
    const { slots, full, enqueue, settled } = slotsOf(3);
    slots.occupy("a");
    full.add("ann");
    expect(slots.reserve("b")).toBe(false);
    enqueue("b");
    expect(await settled()).toEqual([]);
    expect([slots.reserve("bob:1"), slots.reserve("bob:2"), slots.reserve("bob:3")]).toEqual([
      true,
      true,
      false,
    ]);
    enqueue("bob:3");
    slots.leave("bob:1");
    expect(await settled()).toEqual(["bob:3"]);
    slots.leave("bob:2");
    expect(await settled()).toEqual(["bob:3"]);
    full.clear();
    slots.lookAgain();
    expect(await settled()).toEqual(["bob:3", "b"]);
  });

  it("starts nothing once closed", async () => {
    const { slots, enqueue, settled } = slotsOf(1);
    slots.close();
    expect(slots.reserve("a")).toBe(false);
    enqueue("a");
    expect(await settled()).toEqual([]);
  });
});
