import { expect, it, vi } from "vitest";
import { beforeNext, onLoop, takeSpent } from "./on-loop.ts";

function work(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

it("counts each operation without what it called by name", () => {
  takeSpent();
  const started = performance.now();
  onLoop("outer", () => {
    work(10);
    onLoop("inner", () => work(40));
    onLoop("inner", () => work(40));
  });
  const took = performance.now() - started;
  const spent = takeSpent();
  expect([...spent.keys()].toSorted()).toEqual(["inner", "outer"]);
  expect(spent.get("inner")).toBeGreaterThanOrEqual(80);
  expect((spent.get("inner") ?? 0) + (spent.get("outer") ?? 0)).toBeLessThanOrEqual(took);
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

it("tells whoever waits for it of the next operation, before that begins and once", () => {
  const seen: string[] = [];
  beforeNext(() => seen.push("told"));
  onLoop("one", () => seen.push("one"));
  onLoop("two", () => seen.push("two"));
  expect(seen).toEqual(["told", "one", "two"]);
});

it("tells nobody who waits no more", () => {
  const told = vi.fn<() => void>();
  beforeNext(told);
  beforeNext(null);
  expect(onLoop("one", () => 1)).toBe(1);
  expect(told).not.toHaveBeenCalled();
});
