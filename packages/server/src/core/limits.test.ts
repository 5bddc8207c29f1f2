import { describe, expect, it } from "vitest";
import { eachLimit, type LimitDefaults, limitsOf } from "./limits.ts";

const none: LimitDefaults = { ...eachLimit(() => null), outputBytes: 1000 };

describe("limits of a job", () => {
  it("takes what the job names, in machine units", () => {
    const limits = limitsOf(
      {
        resources: { cpu: "50%", memory: "512Mi", io: { read: "10MiB/s" }, pids: 64 },
        timeouts: { run: "1m30s", cpu: "2s" },
        output: { limit: "1KiB", overflow: "discard" },
      },
      none,
    );
    expect(limits.cpu).toEqual({ value: 0.5, by: "job" });
    expect(limits.memory).toEqual({ value: 536_870_912, by: "job" });
    expect(limits.ioRead).toEqual({ value: 10_485_760, by: "job" });
    expect(limits.pids).toEqual({ value: 64, by: "job" });
    expect(limits.runMs).toEqual({ value: 90_000, by: "job" });
    expect(limits.cpuMs).toEqual({ value: 2000, by: "job" });
    expect(limits.outputBytes).toEqual({ value: 1024, by: "job" });
    expect(limits.overflow).toBe("discard");
  });

  it("falls back to the operator's default and says so", () => {
    const limits = limitsOf({}, { ...none, memory: 1024, runMs: 5000 });
    expect(limits.memory).toEqual({ value: 1024, by: "operator" });
    expect(limits.runMs).toEqual({ value: 5000, by: "operator" });
    expect(limits.cpu).toBeNull();
    expect(limits.overflow).toBe("stop");
  });

  it.each([
    ["cpu", { resources: { cpu: "2" } }, 2],
    ["memory", { resources: { memory: "1Ki" } }, 1024],
    ["memoryHigh", { resources: { memoryHigh: "2Ki" } }, 2048],
    ["ioRead", { resources: { io: { read: "1KiB/s" } } }, 1024],
    ["ioWrite", { resources: { io: { write: "2KiB/s" } } }, 2048],
    ["pids", { resources: { pids: 7 } }, 7],
    ["disk", { resources: { disk: "3Ki" } }, 3072],
    ["queueMs", { timeouts: { queue: "1s" } }, 1000],
    ["startMs", { timeouts: { start: "2s" } }, 2000],
    ["runMs", { timeouts: { run: "3s" } }, 3000],
    ["idleMs", { timeouts: { idle: "4s" } }, 4000],
    ["cpuMs", { timeouts: { cpu: "5s" } }, 5000],
    ["outputBytes", { output: { limit: "4Ki" } }, 4096],
  ] as const)("sets %s and nothing else where the job names it alone", (name, spec, value) => {
    const base = limitsOf({}, none);
    expect(limitsOf(spec, none)).toEqual({ ...base, [name]: { value, by: "job" } });
    // Over whatever the operator wants.
    expect(limitsOf(spec, { ...none, [name]: 1 })[name]).toEqual({ value, by: "job" });
    expect(limitsOf({}, { ...none, [name]: 1 })[name]).toEqual({ value: 1, by: "operator" });
  });
});
