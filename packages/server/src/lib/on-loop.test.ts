import { expect, it } from "vitest";
import { onLoop, takeSpent } from "./on-loop.ts";

function work(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

it("counts each operation without what it called by name", () => {
  takeSpent();
  onLoop("outer", () => {
    work(10);
    onLoop("inner", () => work(40));
    onLoop("inner", () => work(40));
  });
  const spent = takeSpent();
  expect([...spent.keys()].toSorted()).toEqual(["inner", "outer"]);
  expect(spent.get("inner")).toBeGreaterThanOrEqual(80);
  expect(spent.get("inner")).toBeLessThan(60_000);
  expect(spent.get("outer")).toBeLessThan(spent.get("inner") ?? 0);
  expect(takeSpent().size).toBe(0);
});

it("counts what fails, and passes its error on", () => {
  takeSpent();
  const fail = (): never =>
    onLoop("outer", () => {
      onLoop("inner", () => {
        throw new Error("no");
      });
      throw new Error("not reached");
    });
  expect(fail).toThrow("no");
  onLoop("next", () => work(5));
  expect([...takeSpent().keys()]).toEqual(["inner", "outer", "next"]);
});
