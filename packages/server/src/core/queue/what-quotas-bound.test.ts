import { describe, expect, it } from "vitest";
import { Quotas } from "./quota.ts";
import type { Bounds, StoredQuota } from "./subject.ts";

const hour = 3_600_000;
const none: Bounds = { jobs: null, jobsPerHour: null, cpuMilli: null, memory: null, storedBytes: null };
const user = (name: string, bounds: Partial<Bounds>): StoredQuota => ({
  subject: { kind: "user", name },
  ...none,
  ...bounds,
});
const group = (name: string, bounds: Partial<Bounds>): StoredQuota => ({
  subject: { kind: "group", name },
  ...none,
  ...bounds,
});
const ann = { kind: "user", name: "ann" } as const;
const small = { cpuMilli: 500, memory: 100 };

describe("what depends on quotas", () => {
  it.each<[Partial<Bounds>, boolean]>([
    [{ jobs: 1 }, false],
    [{ jobsPerHour: 1 }, true],
    [{ cpuMilli: 1 }, true],
    [{ memory: 1 }, true],
    [{ storedBytes: 1 }, true],
  ])("is with %j more than a place in the queue: %s", (bounds, isAsked) => {
    expect(new Quotas([user("ann", bounds)]).asksAtSubmit("ann")).toBe(isAsked);
    expect(new Quotas([user("bob", bounds)]).asksAtSubmit("ann")).toBe(false);
  });

  it("is asked at once where one of several bounds it, and never where nobody is bound", () => {
    const both = new Quotas([user("ann", { jobs: 1 }), group("lab", { memory: 1 })], () => ["lab"]);
    expect([both.asksAtSubmit("ann"), new Quotas().asksAtSubmit("ann")]).toEqual([true, false]);
    expect(new Quotas().applying("ann")).toEqual([]);
  });

  it("is told apart by a number that changes where somebody may run more, and by no other", () => {
    const quotas = new Quotas([user("ann", { jobs: 1 })]);
    const run = (owner: string) => {
      const before = quotas.freed;
      quotas.begin("1", { owner, needs: small });
      quotas.end("1");
      return quotas.freed !== before;
    };
    expect([run("ann"), run("bob")]).toEqual([true, false]);
    quotas.end("never was");
    const before = quotas.freed;
    quotas.set(user("bob", { jobs: 1 }));
    expect(quotas.freed).toBe(before + 1);
  });

  it("is too large by itself where no end of others makes room, whatever runs, and however many may", () => {
    const quotas = new Quotas(
      [user("ann", { jobs: 1, cpuMilli: 400 }), group("lab", { memory: 50 })],
      (owner) => (owner === "bob" ? ["lab"] : []),
    );
    quotas.begin("1", { owner: "ann", needs: { cpuMilli: 300, memory: 1 } });
    expect(quotas.beyond("ann", small)).toMatchObject({ subject: ann, what: "cpu", asked: 500, limit: 400 });
    expect(quotas.beyond("ann", { cpuMilli: 400, memory: 1000 })).toBeNull();
    expect(quotas.beyond("bob", small)).toMatchObject({
      subject: { name: "lab" },
      what: "memory",
      limit: 50,
    });
    expect(quotas.beyond("carol", small)).toBeNull();
  });

  it("is counted by the hour only where it is bounded by it", () => {
    const quotas = new Quotas([user("ann", { jobsPerHour: 5 }), user("bob", { jobs: 5 })]);
    quotas.comes("ann", hour);
    quotas.comes("bob", hour);
    const useOf = (name: string) => {
      const subject = { kind: "user", name } as const;
      return quotas.useOf(subject, { bounds: quotas.of(subject) ?? none, now: hour });
    };
    expect([useOf("ann").jobsPerHour, useOf("bob").jobsPerHour]).toEqual([1, 0]);
    expect(quotas.hourly("bob")).toEqual([]);
  });

  it("begins anew by the hour for who is bound anew, and for groups whose members have changed", async () => {
    const lab = { kind: "group", name: "lab" } as const;
    const quotas = new Quotas([user("ann", { jobsPerHour: 5 }), group("lab", { jobsPerHour: 5 })], () => [
      "lab",
    ]);
    const unknown = () => [quotas.wantsHistory(ann), quotas.wantsHistory(lab)];
    quotas.comes("ann", hour);
    expect(unknown()).toEqual([false, false]);
    quotas.regroup();
    expect(unknown()).toEqual([false, true]);
    quotas.comes("ann", hour);
    await quotas.reload(async () => [user("ann", { jobsPerHour: 5 })]);
    expect(unknown()).toEqual([false, true]);
    quotas.delete(ann);
    expect(unknown()).toEqual([true, true]);
  });

  it("is told nobody where groups change that are not bounded", () => {
    const quotas = new Quotas([user("ann", { jobs: 1 })], () => ["lab"]);
    const told: string[] = [];
    quotas.watch(() => told.push("changed"));
    quotas.regroup();
    expect(told).toEqual([]);
    quotas.set(group("lab", { jobs: 1 }));
    quotas.regroup();
    expect(told).toEqual(["changed", "changed"]);
  });
});
