import { setImmediate as nextRound } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Turns } from "./turns.ts";

async function rounds(count: number): Promise<void> {
  for (let round = 0; round < count; round += 1) await nextRound();
}

describe("turns", () => {
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
