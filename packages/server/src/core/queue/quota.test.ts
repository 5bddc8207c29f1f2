import { describe, expect, it } from "vitest";
import { Quotas } from "./quota.ts";

const hour = 3_600_000;

describe("a quota", () => {
  it("of jobs at once is of whom it names, and as long as it is there", () => {
    const quotas = new Quotas([{ user: "ann", jobs: 2, jobsPerHour: null }]);
    expect([quotas.atJobs("ann", 1), quotas.atJobs("ann", 2), quotas.atJobs("bob", 9)]).toEqual([
      null,
      { used: 2, limit: 2 },
      null,
    ]);
    let told = 0;
    quotas.watch(() => (told += 1));
    quotas.set({ user: "ann", jobs: 0, jobsPerHour: null });
    expect(quotas.atJobs("ann", 0)).toEqual({ used: 0, limit: 0 });
    quotas.delete("ann");
    expect([quotas.atJobs("ann", 9), told, quotas.isEmpty]).toEqual([null, 2, true]);
  });

  it("of jobs an hour counts those of any hour, also of before, and says when the next may come", () => {
    const quotas = new Quotas([{ user: "ann", jobs: null, jobsPerHour: 3 }]);
    const now = 10 * hour;
    expect([quotas.wantsHistory("ann"), quotas.wantsHistory("bob")]).toEqual([true, false]);
    quotas.cameBefore("ann", [now - 1000, now - hour - 1]);
    expect(quotas.wantsHistory("ann")).toBe(false);
    expect([quotas.comes("ann", now), quotas.comes("ann", now + 1)]).toEqual([null, null]);
    expect(quotas.comes("ann", now + 2)).toEqual({ used: 3, limit: 3, againAt: now - 1000 + hour });
    expect(quotas.comes("ann", now - 1000 + hour)).toBeNull();
    expect(quotas.comes("bob", now)).toBeNull();
  });

  it("that is raised wants to know more of those that came before", () => {
    const quotas = new Quotas([{ user: "ann", jobs: null, jobsPerHour: 3 }]);
    quotas.cameBefore("ann", [1, 2, 3]);
    quotas.set({ user: "ann", jobs: null, jobsPerHour: 2 });
    expect(quotas.wantsHistory("ann")).toBe(false);
    quotas.set({ user: "ann", jobs: null, jobsPerHour: 40 });
    expect(quotas.wantsHistory("ann")).toBe(true);
  });

  it("of none takes none", () => {
    const quotas = new Quotas([{ user: "ann", jobs: null, jobsPerHour: 0 }]);
    expect(quotas.comes("ann", hour)).toEqual({ used: 0, limit: 0, againAt: 2 * hour });
  });
});
