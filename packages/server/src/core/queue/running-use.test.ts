import { expect, it } from "vitest";
import { beyond, RunningUse, shortageOf, shownUse } from "./running-use.ts";
import type { Bounds, Needs } from "./subject.ts";

const none: Bounds = { jobs: null, jobsPerHour: null, cpuMilli: null, memory: null, storedBytes: null };
const ann = { kind: "user", name: "ann" } as const;
const small: Needs = { cpuMilli: 500, memory: 100 };
const open: Needs = { cpuMilli: null, memory: null };

it.each<[string, Partial<Bounds>, Needs, ReturnType<typeof beyond>]>([
  ["more cores than it may ever have", { cpuMilli: 499, memory: 1 }, small, { what: "cpu", limit: 499 }],
  ["more memory than it may ever have", { cpuMilli: 500, memory: 99 }, small, { what: "memory", limit: 99 }],
  ["just as much", { cpuMilli: 500, memory: 100 }, small, null],
  ["anything, where nothing is bounded", {}, small, null],
  ["anything, where nobody has anything", { cpuMilli: 0, memory: 0 }, small, null],
  ["no limit of its own", { cpuMilli: 1, memory: 1 }, open, null],
])("a job that asks for %s", (_what, bounds, needs, found) => {
  expect(beyond({ ...none, ...bounds }, needs)).toEqual(found);
});

it("tells a job without a limit as all that there is, or as more where there is more already", () => {
  const use = new RunningUse(() => []);
  use.begin("1", { owner: "ann", needs: small });
  const shown = (bounds: Partial<Bounds>) => shownUse(use.of(ann), { ...none, ...bounds });
  expect(shown({ cpuMilli: 4000, memory: 4000 })).toEqual({ jobs: 1, cpuMilli: 500, memory: 100 });
  use.begin("2", { owner: "ann", needs: open });
  expect(shown({ cpuMilli: 4000, memory: 4000 })).toEqual({ jobs: 2, cpuMilli: 4000, memory: 4000 });
  expect(shown({ cpuMilli: 50, memory: 50 })).toEqual({ jobs: 2, cpuMilli: 500, memory: 100 });
  expect(shown({})).toEqual({ jobs: 2, cpuMilli: 500, memory: 100 });
  use.end("2");
  expect(shown({ cpuMilli: 4000, memory: 4000 })).toEqual({ jobs: 1, cpuMilli: 500, memory: 100 });
});

it("has a job without a limit of memory keep all of it from others", () => {
  const use = new RunningUse(() => []);
  const bounds = { ...none, memory: 1000 };
  const shortage = (needs: Needs) => shortageOf(ann, { bounds, used: use.of(ann), needs });
  use.begin("1", { owner: "ann", needs: { cpuMilli: 1, memory: null } });
  expect(shortage({ cpuMilli: 1, memory: 1 })).toEqual({
    subject: ann,
    what: "memory",
    used: 1000,
    asked: 1,
    limit: 1000,
  });
  use.end("1");
  expect(shortage({ cpuMilli: 1, memory: 1000 })).toBeNull();
});

it("keeps nothing of those of whom nothing runs", () => {
  const use = new RunningUse(() => ["lab"]);
  use.begin("1", { owner: "ann", needs: small });
  const lab = { kind: "group", name: "lab" } as const;
  expect([use.end("1"), use.end("1")]).toEqual(["ann", null]);
  expect(use.of(ann)).toBe(use.of({ kind: "user", name: "nobody" }));
  expect(use.of(lab)).toBe(use.of(ann));
});
