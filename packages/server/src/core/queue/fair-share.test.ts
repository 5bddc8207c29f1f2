import { describe, expect, it } from "vitest";
import { randomFrom } from "../../../test/support/seeded-random.ts";
import { FairShare } from "./fair-share.ts";

interface Owner {
  owner: string;
  /** How long each of its jobs that wait takes. */
  jobs: number[];
  had: number;
  started: number;
}

/** Runs a number of slots until `at`, or until somebody has nothing more that waits. */
function play(owners: Owner[], { slots, until }: { slots: number; until: number }): void {
  const share = new FairShare();
  const running: { one: Owner; ends: number; began: number }[] = [];
  for (let at = 0; at < until; ) {
    while (running.length < slots) {
      const waiting = owners.flatMap((one) =>
        one.jobs.length > 0 ? [{ owner: one.owner, id: one.owner, one }] : [],
      );
      const next = share.next(waiting, at);
      if (next === null) break;
      share.begin(next.owner, at);
      next.one.started += 1;
      running.push({ one: next.one, began: at, ends: at + (next.one.jobs.shift() ?? 0) });
    }
    if (owners.some(({ jobs }) => jobs.length === 0)) return;
    running.sort((a, b) => b.ends - a.ends);
    const ended = running.pop();
    if (!ended) return;
    at = ended.ends;
    ended.one.had += at - ended.began;
    share.end(ended.one.owner, at);
  }
}

/** 1 where all have the same, 1/n where one has all. */
function jain(values: readonly number[]): number {
  const sum = values.reduce((all, one) => all + one, 0);
  return sum ** 2 / (values.length * values.reduce((all, one) => all + one ** 2, 0));
}

const ownersOf = (count: number, jobs: (n: number) => number[]): Owner[] =>
  Array.from({ length: count }, (_, n) => ({ owner: `o${100 + n}`, jobs: jobs(n), had: 0, started: 0 }));

describe("a fair share", () => {
  it("is the same for a hundred owners of unequal backlogs, as long as all have one", () => {
    const random = randomFrom(7);
    const owners = ownersOf(100, () => Array.from({ length: 30 + random.below(970) }, () => 1000));
    play(owners, { slots: 16, until: Number.POSITIVE_INFINITY });
    expect(Math.min(...owners.map(({ started }) => started))).toBeGreaterThan(25);
    expect(jain(owners.map(({ started }) => started))).toBeGreaterThan(0.99);
  });

  it("is of time, not of starts, where the jobs of one take ten times as long as those of another", () => {
    const owners = ownersOf(100, (n) => Array.from({ length: 2000 }, () => 100 * (1 + (n % 10))));
    play(owners, { slots: 16, until: 400_000 });
    expect(jain(owners.map(({ had }) => had))).toBeGreaterThan(0.95);
  });

  it("is next of whoever comes, however much the others wait and have had", () => {
    const share = new FairShare();
    for (let n = 0; n < 4; n += 1) share.begin("ann", 0);
    share.next([{ owner: "ann", id: "a" }], 1000);
    const [ann, bob] = [
      { owner: "ann", id: "a" },
      { owner: "bob", id: "b" },
    ];
    share.end("ann", 5000);
    expect(share.next([ann, bob], 5000)).toBe(bob);
    share.begin("bob", 5000);
    share.end("ann", 5001);
    expect(share.next([ann, bob], 5001)).toBe(bob);
  });

  it("goes to who runs fewest among equals, and then to who came first", () => {
    const share = new FairShare();
    const [ann, bob, carl] = ["ann", "bob", "carl"].map((owner, n) => ({ owner, id: `${9 - n}` }));
    if (!ann || !bob || !carl) throw new Error("They are there");
    share.begin("carl", 0);
    expect(share.next([ann, bob, carl], 0)).toBe(bob);
    share.begin("bob", 0);
    expect(share.next([ann, bob, carl], 0)).toBe(ann);
  });

  it("owes nobody for having been away", () => {
    const share = new FairShare();
    let at = 0;
    const turnsOf = (owners: readonly string[], turns: number): string[] =>
      Array.from({ length: turns }, () => {
        const next = share.next(
          owners.map((owner) => ({ owner, id: owner })),
          at,
        );
        const owner = next?.owner ?? "nobody";
        share.begin(owner, at);
        at += 10_000;
        share.end(owner, at);
        return owner;
      });
    turnsOf(["ann"], 1);
    turnsOf(["bob", "carl"], 1000);
    const shares = turnsOf(["ann", "bob", "carl"], 30);
    expect(shares.filter((owner) => owner === "ann").length).toBeLessThanOrEqual(11);
  });

  it("owes nobody for a night in which nobody else was there", () => {
    const share = new FairShare();
    const [ann, bob] = [
      { owner: "ann", id: "a" },
      { owner: "bob", id: "b" },
    ];
    share.begin("ann", 0);
    share.end("ann", 36_000_000);
    let at = 36_000_000;
    const turns = [];
    for (; at < 36_000_000 + 1_300_000; at += 10_000) {
      const next = share.next([ann, bob], at);
      if (next === null) throw new Error("Both wait");
      turns.push(next.owner);
      share.begin(next.owner, at);
      share.end(next.owner, at + 10_000);
    }
    // Ten minutes of it count, and no more.
    expect(turns.indexOf("ann")).toBeLessThan(62);
    expect(turns.slice(-20).filter((owner) => owner === "ann")).toHaveLength(10);
  });

  it("is kept of no more owners than there is anything to keep of", () => {
    const share = new FairShare();
    for (let n = 0; n < 30_000; n += 1) {
      share.begin(`o${n}`, n);
      share.end(`o${n}`, n + (n % 2));
    }
    expect(share.owners).toBeLessThanOrEqual(10_000);
    expect(share.running("o29999")).toBe(0);
  });
});
