import { expect, it } from "vitest";
import { createManualClock } from "../../lib/manual-clock.ts";
import { DueTimer } from "./due-timer.ts";

/** A timer over schedules that are due at these moments of its clock, and what it has come to. */
function timed(due: Map<string, number>, held: Promise<void> = Promise.resolve()) {
  const clock = createManualClock(0);
  const fired: [string, number][] = [];
  const said: string[] = [];
  const timer = new DueTimer({
    clock,
    what: "schedule",
    dates: {
      due: async (now, { after }) =>
        after === null
          ? [...due].filter(([, at]) => at <= now).map(([name, nextAt]) => ({ name, nextAt }))
          : [],
      firstAfter: async (now) => {
        const later = [...due.values()].filter((at) => at > now);
        return later.length === 0 ? null : Math.min(...later);
      },
    },
    async fire(name) {
      fired.push([name, clock.now()]);
      if (name === "broken") throw new Error("it is");
      if (name === "slow") await held;
      due.delete(name);
    },
    report: (what) => void said.push(what),
  });
  timer.start();
  return { timer, clock, fired, said };
}

/** Until it has nothing to do but to wait for its clock. */
async function settled(): Promise<void> {
  for (let n = 0; n < 500; n += 1) await Promise.resolve();
}

it("comes to each when it is due, with one timer however many there are", async () => {
  const { timer, clock, fired } = timed(
    new Map([
      ["a", 5000],
      ["b", 7000],
      ["c", 7000],
      ["d", 900_000],
    ]),
  );
  await using _ = timer;
  for (const ms of [4999, 1, 2000]) {
    await settled();
    expect(clock.pending).toBe(1);
    clock.advance(ms);
  }
  await settled();
  expect(fired).toEqual([
    ["a", 5000],
    ["b", 7000],
    ["c", 7000],
  ]);
});

it("has one that takes long hold up no other", async () => {
  const held = Promise.withResolvers<void>();
  const names = ["slow", ...Array.from({ length: 30 }, (_, n) => `n${n}`)];
  const { timer, fired } = timed(new Map(names.map((name) => [name, 0])), held.promise);
  await using _ = timer;
  await settled();
  const meanwhile = fired.map(([name]) => name);
  held.resolve();
  expect(meanwhile).toEqual(names);
});

it("notices within half a minute that the clock was set forward", async () => {
  const { timer, clock, fired } = timed(new Map([["a", 3_600_000]]));
  await using _ = timer;
  await settled();
  clock.step(3_600_000);
  clock.advance(29_999);
  await settled();
  expect(fired).toEqual([]);
  clock.advance(1);
  await settled();
  expect(fired).toEqual([["a", 3_630_000]]);
});

it("looks again when a schedule was changed", async () => {
  const due = new Map([["far", 20_000]]);
  const { timer, clock, fired } = timed(due);
  await using _ = timer;
  await settled();
  due.set("near", 1000);
  timer.changed();
  await settled();
  clock.advance(1000);
  await settled();
  expect(fired).toEqual([["near", 1000]]);
});

it("reports one that cannot be run, and comes to it again without haste", async () => {
  const { timer, clock, fired, said } = timed(
    new Map([
      ["broken", 1000],
      ["whole", 1000],
    ]),
  );
  await using _ = timer;
  await settled();
  clock.advance(1000);
  await settled();
  expect([fired.length, said]).toEqual([2, ['run schedule "broken"']]);
  clock.advance(29_000);
  await settled();
  expect(fired).toHaveLength(2);
  clock.advance(1000);
  await settled();
  expect(fired.slice(2)).toEqual([["broken", 31_000]]);
});
