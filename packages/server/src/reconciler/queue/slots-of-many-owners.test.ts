import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import type { Applicant } from "./line.ts";
import { Slots } from "./slots.ts";

const jobOf = (owner: string): Applicant => ({ id: owner, owner, priority: 0 });

it("the slots look no more where more owners than it looks at in one breath wait and have all that they may have", async () => {
  const all = Array.from({ length: 2001 }, (_, n) => jobOf(`o${10_000 + n}`));
  const free = new Set<string>();
  const started: string[] = [];
  let reads = 0;
  const slots = new Slots({
    total: 4,
    start: (id) => started.push(id),
    heads: async ({ after, most }) => {
      reads += 1;
      await turn();
      return all.filter(({ owner }) => after === null || owner > after).slice(0, most);
    },
    ofOwner: () => Promise.resolve([]),
    gone: () => undefined,
    begins: () => undefined,
    ends: () => undefined,
    isFull: (owner) => !free.has(owner),
    isTooLarge: () => false,
    freed: () => free.size,
    now: () => 0,
  });
  const reading = async (): Promise<number> => {
    const before = reads;
    for (let n = 0; n < 100; n += 1) await turn();
    return reads - before;
  };
  slots.enqueue(all);
  expect(await reading()).toBe(0);
  free.add("o12000");
  slots.lookAgain();
  expect(await reading()).toBeLessThan(8);
  expect([started, await reading()]).toEqual([["o12000"], 0]);
  // One may have more, and the store has nothing of it that could be started.
  slots.enqueue([jobOf("p")]);
  free.add("p");
  slots.lookAgain();
  expect(await reading()).toBeLessThan(8);
  expect(await reading()).toBe(0);
});

it("the slots ask nothing about those who wait for their own quotas when others come and go", async () => {
  const members = Array.from({ length: 1000 }, (_, n) => jobOf(`m${1000 + n}`));
  const mayHaveMore = new Set<string>();
  const started: string[] = [];
  let asked = 0;
  const slots = new Slots({
    total: 4,
    start: (id) => started.push(id),
    heads: () => Promise.resolve(members),
    ofOwner: () => Promise.resolve([]),
    gone: () => undefined,
    begins: () => undefined,
    ends: () => undefined,
    isFull: (owner) => {
      asked += 1;
      return owner.startsWith("m") && !mayHaveMore.has(owner);
    },
    isTooLarge: () => false,
    freed: () => mayHaveMore.size,
    now: () => 0,
  });
  slots.enqueue(members);
  asked = 0;
  for (let n = 0; n < 100; n += 1) {
    expect(slots.reserve({ id: `o${n}`, owner: "outsider", priority: 0 })).toBe(true);
    slots.leave(`o${n}`);
    // One more of somebody who waits already comes, is stored, and goes.
    slots.reserve({ id: `w${n}`, owner: "m1000", priority: 0 });
    slots.enqueue([{ id: `w${n}`, owner: "m1000" }]);
    slots.leave(`w${n}`);
  }
  expect(asked).toBeLessThan(1000);
  mayHaveMore.add("m1500");
  slots.lookAgain();
  for (let n = 0; n < 20; n += 1) await turn();
  expect(started).toEqual(["m1500"]);
});
