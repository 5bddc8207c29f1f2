import { expect, it } from "vitest";
import { FairQueue } from "./fair-queue.ts";

function drain(queue: FairQueue<string>): string[] {
  const all: string[] = [];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) all.push(item);
  return all;
}

it("gives one of each in rotation, of each the oldest first", () => {
  const queue = new FairQueue<string>();
  for (const item of ["a1", "a2", "a3", "b1", "c1", "c2"]) queue.push(item.charAt(0), item);
  expect(drain(queue)).toEqual(["a1", "b1", "c1", "a2", "c2", "a3"]);
});

it("puts who comes later before the rest of who came first", () => {
  const queue = new FairQueue<string>();
  for (const item of ["a1", "a2", "a3"]) queue.push("a", item);
  expect(queue.shift()).toBe("a1");
  queue.push("b", "b1");
  expect(drain(queue)).toEqual(["a2", "b1", "a3"]);
});

it("passes over those that may not, who keep their place", () => {
  const queue = new FairQueue<string>();
  for (const item of ["a1", "a2", "b1"]) queue.push(item.charAt(0), item);
  expect(queue.shift((who) => who !== "a")).toBe("b1");
  expect(queue.shift((who) => who !== "a")).toBeUndefined();
  expect(drain(queue)).toEqual(["a1", "a2"]);
});

it("is empty once it was cleared", () => {
  const queue = new FairQueue<string>();
  queue.push("a", "a1");
  queue.push("b", "b1");
  expect(queue.clear()).toEqual(["a1", "b1"]);
  expect(queue.shift()).toBeUndefined();
});

it("takes out one that nobody waits for any more, and says whether it was there", () => {
  const queue = new FairQueue<string>();
  for (const item of ["a1", "a2", "b1"]) queue.push(item.charAt(0), item);
  expect(queue.remove("a", "a1")).toBe(true);
  expect(queue.remove("a", "a1")).toBe(false);
  expect(queue.remove("c", "c1")).toBe(false);
  expect(queue.remove("b", "b1")).toBe(true);
  queue.push("c", "c1");
  expect(drain(queue)).toEqual(["a2", "c1"]);
});
