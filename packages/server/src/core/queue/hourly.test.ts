import { expect, it } from "vitest";
import { Hourly, HOUR_MS } from "./hourly.ts";

const now = 10 * HOUR_MS;

it("counts what came within the hour, and neither what came before nor what is yet to come", () => {
  const hourly = new Hourly();
  expect([hourly.isKnown("ann"), hourly.count("ann", now)]).toEqual([false, 0]);
  hourly.cameBefore("bob", [now + 1, now - HOUR_MS, now, now - HOUR_MS + 1]);
  expect([hourly.isKnown("bob"), hourly.count("bob", now)]).toEqual([true, 2]);
  expect(hourly.count("bob", now + HOUR_MS)).toBe(0);
});

it("takes what came before once: what it counts since is newer", () => {
  const hourly = new Hourly();
  hourly.add("ann", now);
  hourly.cameBefore("ann", [now, now, now]);
  expect(hourly.count("ann", now)).toBe(1);
});

it("is full until the oldest of as many as there may be is an hour old", () => {
  const hourly = new Hourly();
  for (const at of [now - 3, now - 2, now - 1]) hourly.add("ann", at);
  expect(hourly.fullUntil("ann", { now, limit: 4 })).toBeNull();
  expect(hourly.fullUntil("ann", { now, limit: 3 })).toBe(now - 3 + HOUR_MS);
  expect(hourly.fullUntil("ann", { now, limit: 1 })).toBe(now - 1 + HOUR_MS);
  expect(hourly.fullUntil("ann", { now, limit: 0 })).toBe(now + HOUR_MS);
});

it("takes back one that did not come to be, and no other", () => {
  const hourly = new Hourly();
  for (const at of [now - 2, now - 1, now - 1]) hourly.add("ann", at);
  hourly.remove("ann", now - 5);
  hourly.remove("bob", now - 1);
  expect([hourly.count("ann", now), hourly.isKnown("bob")]).toEqual([3, false]);
  hourly.remove("ann", now - 2);
  hourly.remove("ann", now - 1);
  expect(hourly.count("ann", now)).toBe(1);
});

it("forgets those it is told to, and nobody else", () => {
  const hourly = new Hourly();
  for (const key of ["user ann", "group lab", "group all"]) hourly.add(key, now);
  hourly.forgetWhere((key) => key.startsWith("group "));
  expect(["user ann", "group lab", "group all"].map((key) => hourly.isKnown(key))).toEqual([
    true,
    false,
    false,
  ]);
  hourly.forget("user ann");
  expect(hourly.isKnown("user ann")).toBe(false);
});
