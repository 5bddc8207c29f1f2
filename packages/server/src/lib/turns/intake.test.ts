import { expect, it } from "vitest";
import { Intake, Place } from "./intake.ts";

it("lets in sixteen requests of a principal at once, the next in order as one is done, others at any time", () => {
  const intake = new Intake();
  const begun: string[] = [];
  const leave = Array.from({ length: 18 }, (_, n) => intake.enter("ann", () => begun.push(`ann ${n}`)));
  expect(begun).toHaveLength(16);
  intake.enter("bob", () => begun.push("bob"))();
  expect(begun.at(-1)).toBe("bob");
  leave[3]?.();
  leave[3]?.();
  expect(begun.at(-1)).toBe("ann 16");
  leave[17]?.();
  leave[0]?.();
  expect(begun).not.toContain("ann 17");
  for (const one of leave) one();
  expect(intake.size).toBe(0);
});

it("has a place for a request that asks for one, until that is over", async () => {
  const intake = new Intake();
  const places = Array.from({ length: 17 }, () => new Place(intake, "ann"));
  const taken: number[] = [];
  const waits = places.map(async (place, at) => {
    await Promise.all([place.taken(), place.taken()]);
    taken.push(at);
  });
  await Promise.all(waits.slice(0, 16));
  expect(taken).not.toContain(16);
  places[3]?.[Symbol.dispose]();
  await waits[16];
  for (const place of places) place[Symbol.dispose]();
  new Place(intake, "bob")[Symbol.dispose]();
  expect(intake.size).toBe(0);
});
