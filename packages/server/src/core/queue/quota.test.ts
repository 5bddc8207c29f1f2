import { describe, expect, it } from "vitest";
import { randomFrom } from "../../../test/support/seeded-random.ts";
import { Quotas } from "./quota.ts";
import { type Bounds, milliOf, type StoredQuota } from "./subject.ts";

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

describe("a quota of what runs at once", () => {
  it("is of whom it names, and as long as it is there", () => {
    const quotas = new Quotas([user("ann", { jobs: 2 })]);
    const run = (id: string, owner: string): void => quotas.begin(id, { owner, needs: small });
    for (const id of ["b1", "b2", "b3"]) run(id, "bob");
    run("a1", "ann");
    expect([quotas.shortage("ann", small), quotas.shortage("bob", small)]).toEqual([null, null]);
    run("a2", "ann");
    run("a2", "ann");
    expect(quotas.shortage("ann", small)).toEqual({
      subject: ann,
      what: "jobs",
      used: 2,
      asked: null,
      limit: 2,
    });
    let told = 0;
    quotas.watch(() => (told += 1));
    quotas.set(user("ann", { jobs: 3 }));
    expect(quotas.shortage("ann", small)).toBeNull();
    quotas.delete(ann);
    expect([quotas.shortage("ann", null), told, quotas.isEmpty]).toEqual([null, 2, true]);
  });

  it("of cores and memory adds up what jobs have by their limits, to the thousandth of a core", () => {
    const quotas = new Quotas([user("ann", { cpuMilli: milliOf(0.3), memory: 1000 })]);
    for (const id of ["1", "2"])
      quotas.begin(id, { owner: "ann", needs: { cpuMilli: milliOf(0.1), memory: 1 } });
    expect(quotas.shortage("ann", { cpuMilli: milliOf(0.1), memory: 998 })).toBeNull();
    expect(quotas.shortage("ann", { cpuMilli: 101, memory: 1 })).toEqual({
      subject: ann,
      what: "cpu",
      used: 200,
      asked: 101,
      limit: 300,
    });
    expect(quotas.shortage("ann", { cpuMilli: 1, memory: 999 })).toMatchObject({ what: "memory", used: 2 });
    quotas.end("1");
    quotas.end("1");
    expect(quotas.shortage("ann", { cpuMilli: 200, memory: 999 })).toBeNull();
  });

  it("lets a job without a limit run alone", () => {
    const quotas = new Quotas([user("ann", { cpuMilli: 4000 })]);
    const open = { cpuMilli: null, memory: null };
    expect(quotas.shortage("ann", open)).toBeNull();
    quotas.begin("1", { owner: "ann", needs: small });
    expect(quotas.shortage("ann", open)).toMatchObject({ used: 500, asked: 4000, limit: 4000 });
    quotas.end("1");
    quotas.begin("2", { owner: "ann", needs: open });
    expect(quotas.shortage("ann", { cpuMilli: 1, memory: 1 })).toMatchObject({ used: 4000, asked: 1 });
    expect(quotas.shortage("ann", null)).toMatchObject({ what: "cpu", asked: null });
    quotas.set(user("bob", { cpuMilli: 0 }));
    expect(quotas.shortage("bob", open)).toMatchObject({ used: 0, limit: 0 });
  });

  it("of a group counts what all members have, and each that bounds somebody must hold", () => {
    const groups = new Map([
      ["ann", ["lab", "all"]],
      ["bob", ["lab"]],
    ]);
    const quotas = new Quotas(
      [group("lab", { jobs: 2 }), group("all", { cpuMilli: 600 }), user("ann", { memory: 150 })],
      (owner) => groups.get(owner) ?? [],
    );
    quotas.begin("b1", { owner: "bob", needs: small });
    expect(quotas.shortage("ann", small)).toBeNull();
    quotas.begin("a1", { owner: "ann", needs: small });
    expect(quotas.shortage("bob", small)).toMatchObject({ subject: { kind: "group", name: "lab" }, used: 2 });
    quotas.end("b1");
    expect(quotas.shortage("ann", small)).toMatchObject({ subject: ann, what: "memory" });
    expect(quotas.shortage("ann", { cpuMilli: 101, memory: 1 })).toMatchObject({ what: "cpu", limit: 600 });
    // Somebody comes with what runs of it, and goes with it.
    quotas.begin("c1", { owner: "carl", needs: small });
    groups.set("carl", ["lab"]);
    quotas.regroup();
    expect(quotas.shortage("bob", small)).toMatchObject({ what: "jobs", used: 2 });
    groups.delete("carl");
    quotas.regroup();
    quotas.end("c1");
    quotas.end("a1");
    expect(quotas.useOf({ kind: "group", name: "lab" }, { bounds: none, now: 0 }).jobs).toBe(0);
  });

  it("is as it is stored, whoever changed it", async () => {
    const quotas = new Quotas([user("ann", { jobs: 1 }), user("bob", { jobs: 1 })]);
    let reads = 0;
    await quotas.reload(async () => {
      // What is changed here while it is read is not undone by what was read before.
      if ((reads += 1) === 1) quotas.set(user("carl", { jobs: 9 }));
      return reads === 1 ? [] : [user("bob", { jobs: 7 }), user("carl", { jobs: 9 })];
    });
    expect([reads, quotas.of(ann)]).toEqual([2, null]);
    expect(quotas.of({ kind: "user", name: "bob" })?.jobs).toBe(7);
  });

  it("is what a walk over all that runs would say, whatever comes, goes and changes", () => {
    const random = randomFrom(11);
    const names = ["a", "b", "c", "d"];
    const groups = new Map<string, string[]>();
    const quotas = new Quotas([], (owner) => groups.get(owner) ?? []);
    const runs = new Map<string, { owner: string; needs: { cpuMilli: number; memory: number } }>();
    const stored = new Map<string, StoredQuota>();
    const pick = (): string => names[random.below(names.length)] ?? "a";
    const held = (
      quota: StoredQuota,
      owner: string,
      needs: { cpuMilli: number; memory: number },
    ): boolean => {
      const { kind, name } = quota.subject;
      const isIn = (who: string): boolean =>
        kind === "user" ? who === name : !!groups.get(who)?.includes(name);
      if (!isIn(owner)) return true;
      const all = [...runs.values()].filter((job) => isIn(job.owner));
      const cpu = all.reduce((sum, job) => sum + job.needs.cpuMilli, needs.cpuMilli);
      const memory = all.reduce((sum, job) => sum + job.needs.memory, needs.memory);
      const within = (value: number, bound: number | null): boolean => bound === null || value <= bound;
      return (
        within(all.length + 1, quota.jobs) && within(cpu, quota.cpuMilli) && within(memory, quota.memory)
      );
    };
    const wrong: number[] = [];
    for (let n = 0; n < 5000; n += 1) {
      const owner = pick();
      const needs = { cpuMilli: 1 + random.below(400), memory: random.below(100) };
      switch (random.below(6)) {
        case 0: {
          const bounds = { jobs: random.below(6), cpuMilli: random.below(1500), memory: random.below(300) };
          const quota = (random.below(2) === 0 ? user : group)(pick(), bounds);
          stored.set(JSON.stringify(quota.subject), quota);
          quotas.set(quota);
          break;
        }
        case 1: {
          const [key] = stored.keys();
          const quota = key === undefined ? undefined : stored.get(key);
          if (key === undefined || quota === undefined || random.below(3) > 0) break;
          stored.delete(key);
          quotas.delete(quota.subject);
          break;
        }
        case 2:
          groups.set(
            owner,
            names.filter(() => random.below(2) === 0),
          );
          quotas.regroup();
          break;
        case 3: {
          const [id] = runs.keys();
          if (id === undefined) break;
          runs.delete(id);
          quotas.end(id);
          break;
        }
        default: {
          const may = [...stored.values()].every((quota) => held(quota, owner, needs));
          if ((quotas.shortage(owner, needs) === null) !== may) wrong.push(n);
          if (!may) break;
          runs.set(`${n}`, { owner, needs });
          quotas.begin(`${n}`, { owner, needs });
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe("a quota of jobs an hour", () => {
  const comes = (quotas: Quotas, owner: string, now: number): number | null => {
    const counted = quotas.comes(owner, now);
    return "againAt" in counted ? counted.againAt : null;
  };

  it("counts those of any hour, also of before, and says when the next may come", () => {
    const quotas = new Quotas([user("ann", { jobsPerHour: 3 })]);
    const now = 10 * hour;
    expect([quotas.wantsHistory(ann), quotas.hourly("bob")]).toEqual([true, []]);
    quotas.cameBefore(ann, [now - 1000, now - hour - 1]);
    expect(quotas.wantsHistory(ann)).toBe(false);
    expect([comes(quotas, "ann", now), comes(quotas, "ann", now + 1)]).toEqual([null, null]);
    expect(comes(quotas, "ann", now + 2)).toBe(now - 1000 + hour);
    expect(comes(quotas, "ann", now - 1000 + hour)).toBeNull();
    expect(comes(quotas, "bob", now)).toBeNull();
  });

  it("that is raised wants to know more of those that came before", () => {
    const quotas = new Quotas([user("ann", { jobsPerHour: 3 })]);
    quotas.cameBefore(ann, [1, 2, 3]);
    quotas.set(user("ann", { jobsPerHour: 2 }));
    expect(quotas.wantsHistory(ann)).toBe(false);
    quotas.set(user("ann", { jobsPerHour: 40 }));
    expect(quotas.wantsHistory(ann)).toBe(true);
  });

  it("of none takes none", () => {
    const quotas = new Quotas([user("ann", { jobsPerHour: 0 })]);
    expect(comes(quotas, "ann", hour)).toBe(2 * hour);
  });

  it("of a group counts those of all members, and one that another refuses counts for none", () => {
    const quotas = new Quotas([user("ann", { jobsPerHour: 1 }), group("lab", { jobsPerHour: 2 })], () => [
      "lab",
    ]);
    expect([comes(quotas, "ann", 1), comes(quotas, "ann", 2), comes(quotas, "bob", 3)]).toEqual([
      null,
      1 + hour,
      null,
    ]);
    expect(comes(quotas, "bob", 4)).toBe(1 + hour);
    quotas.goes([{ kind: "group", name: "lab" }], 3);
    expect(comes(quotas, "bob", 5)).toBeNull();
  });
});
