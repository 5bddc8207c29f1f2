import { setImmediate as nextRound } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Turns } from "./turns.ts";

async function rounds(count: number): Promise<void> {
  for (let round = 0; round < count; round += 1) await nextRound();
}

afterEach(() => vi.restoreAllMocks());

describe("turns", () => {
  it("come eight in a quick round, and one in a slow one", async () => {
    const now = vi.spyOn(performance, "now");
    const turns = new Turns();
    let given = 0;
    for (let n = 0; n < 40; n += 1) void turns.take("ann").then(() => (given += 1));
    const afterRoundAt = async (ms: number): Promise<number> => {
      const before = given;
      now.mockReturnValue(ms);
      await rounds(1);
      return given - before;
    };
    // Nothing is known before the first one.
    expect(await afterRoundAt(1000)).toBe(1);
    expect(await afterRoundAt(1004)).toBe(8);
    expect(await afterRoundAt(1009)).toBe(1);
    expect(await afterRoundAt(1200)).toBe(1);
    expect(await afterRoundAt(1200)).toBe(8);
    expect(turns.size).toBe(40 - given);
  });

  it("that are small wait behind who waits already", async () => {
    const turns = new Turns();
    const order: string[] = [];
    void turns.take("ann").then(() => order.push("ann"));
    void turns.pass("bob").then(() => order.push("bob"));
    await rounds(4);
    expect(order).toEqual(["ann", "bob"]);
  });

  it("that are small pass at once again in the next round, and when nobody waits any more", async () => {
    const turns = new Turns();
    await turns.take("ann");
    for (let round = 0; round < 3; round += 1) {
      let passed = 0;
      for (let n = 0; n < 8; n += 1) void turns.pass("ann").then(() => (passed += 1));
      await Promise.resolve();
      await Promise.resolve();
      expect(passed).toBe(8);
      await rounds(2);
    }
  });

  it("come to each who waits in rotation, whoever asked first and however often", async () => {
    const turns = new Turns();
    const order: string[] = [];
    const ask = (who: string): void => void turns.take(who).then(() => order.push(who));
    for (let n = 0; n < 20; n += 1) ask("greedy");
    ask("ann");
    ask("ann");
    ask("bob");
    await rounds(40);
    expect(order.slice(0, 5)).toEqual(["greedy", "ann", "bob", "greedy", "ann"]);
    expect(order).toHaveLength(23);
    expect(turns.size).toBe(0);
  });

  it("never come before what has arrived already was looked at", async () => {
    const turns = new Turns();
    const order: string[] = [];
    const turn = turns.take("ann").then(() => order.push("turn"));
    await Promise.resolve();
    process.nextTick(() => order.push("arrived"));
    await turn;
    expect(order).toEqual(["arrived", "turn"]);
  });

  it("are one in seventeen rounds while a connection comes in each, and as many as ever after that", async () => {
    const turns = new Turns();
    let given = 0;
    for (let n = 0; n < 60; n += 1) void turns.take("ann").then(() => (given += 1));
    for (let round = 0; round < 4 * 17; round += 1) {
      turns.arrive();
      await rounds(1);
    }
    expect(given).toBe(4);
    await rounds(60);
    expect([given, turns.size]).toEqual([60, 0]);
  });

  it("leave the loop to others between slow ones", async () => {
    const turns = new Turns();
    let inARow = 0;
    let mostInARow = 0;
    const work = async (): Promise<void> => {
      await turns.take("ann");
      inARow += 1;
      mostInARow = Math.max(mostInARow, inARow);
      const until = performance.now() + 6;
      while (performance.now() < until);
    };
    const all = Promise.all(Array.from({ length: 30 }, work));
    const others = setInterval(() => (inARow = 0), 1);
    await all;
    clearInterval(others);
    // Those of the first round come together: nothing is known of them yet.
    expect(mostInARow).toBeLessThanOrEqual(8);
  });

  it("that are small pass at once while nobody waits and few have passed", async () => {
    const turns = new Turns();
    let passed = 0;
    const pass = (): void => void turns.pass("ann").then(() => (passed += 1));
    for (let n = 0; n < 8; n += 1) pass();
    await Promise.resolve();
    await Promise.resolve();
    expect([passed, turns.size]).toEqual([8, 0]);
    pass();
    expect(turns.size).toBe(1);
    await rounds(3);
    expect(passed).toBe(9);
  });
});
