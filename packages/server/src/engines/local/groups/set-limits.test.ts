import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readNumber } from "./control-file.ts";
import { findLayout, type Layout } from "./layout.ts";
import { setCap, setLimits } from "./set-limits.ts";

const found = findLayout(`berth-test-${process.pid}`);
const isMissing = found.cpu?.version !== 1 || process.getuid?.() !== 0;
if (isMissing) console.log("SKIPPED: quotas of version 1, because this host has none, or not for this user");

describe.skipIf(isMissing)("cores on control groups of version 1", () => {
  const jobs = found.cpu?.folder ?? "";
  const layout: Layout = { ...found, pids: null };
  const limits = { cpu: null, pids: null, memory: null, memoryHigh: null, ioRead: null, ioWrite: null };
  const quota = (group: string): number | null => readNumber(join(jobs, group), "cpu.cfs_quota_us");
  const set = (cpu: number): void =>
    setLimits(layout, { group: "one", limits: { ...limits, cpu }, devices: [] });

  it("more than all jobs have is what all jobs have, as on version 2", () => {
    using scope = new DisposableStack();
    for (const folder of [join(jobs, ".."), jobs, join(jobs, "one")]) {
      mkdirSync(folder);
      scope.defer(() => rmdirSync(folder));
    }
    set(3);
    expect(quota("one")).toBe(300_000);
    set(0.5);
    setCap(layout, { cpu: 1.5, memory: null, pids: null });
    set(3);
    expect(quota("one")).toBe(150_000);
    set(1);
    expect(quota("one")).toBe(100_000);
  });
});
