import { describe, expect, it } from "vitest";
import { endOf, type EndVerdict } from "./end.ts";
import { stopCause } from "../cause/stop-cause.ts";

const ended = (over: { code?: number | null; signal?: string | null; verdict?: EndVerdict | null }) => ({
  code: null,
  signal: null,
  verdict: null,
  ...over,
});
const stop = { cause: stopCause.stopped("ada"), graceMs: 5000, requestedAt: 0 };
const timeout = { ...stop, cause: stopCause.runTimeout({ value: 1000, by: "job" }) };
const oom: EndVerdict = { kind: "oom", limitBytes: 512 * 2 ** 20, peakBytes: 512 * 2 ** 20, kills: 1 };

describe("how a job ended", () => {
  it.each([
    ["code 0", endOf(ended({ code: 0 }), null), "succeeded", "exit"],
    ["code 3", endOf(ended({ code: 3 }), null), "failed", "exit"],
    ["a signal of its own", endOf(ended({ signal: "SIGSEGV" }), null), "failed", "signal"],
    ["a stop by a user", endOf(ended({ signal: "SIGTERM" }), stop), "canceled", "stopped"],
    ["a stop that the job obeyed with code 0", endOf(ended({ code: 0 }), stop), "canceled", "stopped"],
    ["a run timeout", endOf(ended({ signal: "SIGKILL" }), timeout), "failed", "run_timeout"],
    ["out of memory", endOf(ended({ code: 137, verdict: oom }), null), "failed", "oom"],
    [
      "out of memory while being stopped",
      endOf(ended({ code: 137, verdict: oom }), stop),
      "canceled",
      "stopped",
    ],
    [
      "a missing program",
      endOf(ended({ verdict: { kind: "command_failed", reason: "no" } }), null),
      "failed",
      "command_failed",
    ],
    [
      "a fault of the host",
      endOf(ended({ verdict: { kind: "engine_failed", reason: "no" } }), null),
      "failed",
      "engine_failed",
    ],
    [
      "a lost shim, even while stopping",
      endOf(ended({ verdict: { kind: "lost", reason: "no" } }), stop),
      "lost",
      "lost",
    ],
  ])("tells %s", (_what, end, state, code) => {
    expect([end.state, end.cause.code]).toEqual([state, code]);
  });

  const tooLarge: EndVerdict = { kind: "file_too_large", limitBytes: 65_536 };
  it("does not say that a disk limit was reached where nothing reached it", () => {
    const bySignal = endOf(ended({ signal: "SIGXFSZ", verdict: tooLarge }), null);
    expect([bySignal.cause.code, bySignal.cause.evidence["limitBytes"]]).toEqual(["signal", 65_536]);
    const byCode = endOf(ended({ code: 153, verdict: tooLarge }), null);
    expect(byCode.cause).toMatchObject({ code: "exit", evidence: { exitCode: 153 } });
  });

  it("says how much of what reached the disk limit is in removed files", () => {
    const verdict: EndVerdict = { kind: "disk_limit", limitBytes: 2 ** 20, usedBytes: 3 * 2 ** 20 };
    const of = (removedBytes: number): string =>
      endOf(ended({ verdict: { ...verdict, removedBytes } }), null).cause.message;
    expect(of(0)).toBe("Disk limit 1 MiB reached, 3 MiB in /work: raise `disk`");
    expect(of(2 ** 20)).toContain("3 MiB in /work (1 MiB of it removed, but still open in the job)");
  });

  it("says of processes that could not be ended that they are left, whatever the cause", () => {
    const exit = { code: 0, signal: null, verdict: null, remaining: 3 };
    expect(endOf(exit, null).cause.evidence).toMatchObject({ exitCode: 0, remainingProcesses: 3 });
    expect(endOf(exit, stop).cause.evidence).toMatchObject({ by: "ada", remainingProcesses: 3 });
    expect(endOf({ ...exit, remaining: 0 }, null).cause.evidence).toEqual({ exitCode: 0 });
  });

  it("says what to do about memory, with the numbers as evidence", () => {
    const { cause } = endOf(ended({ verdict: oom }), null);
    expect(cause.message).toBe("Memory limit 512 MiB reached, peak 512 MiB, oom_kill 1: raise `memory`");
    expect(cause.evidence).toEqual({ kills: 1, limitBytes: 536_870_912, peakBytes: 536_870_912 });
  });

  it.each([
    [
      { capBytes: 2 ** 30 },
      "All jobs together reached their memory limit 1 GiB, peak 512 MiB, oom_kill 1: run fewer jobs at once, or let the operator raise BERTH_JOBS_MEMORY",
      { capBytes: 2 ** 30 },
    ],
    [{}, "The host ran out of memory, peak 512 MiB, oom_kill 1: run fewer jobs at once", {}],
  ])("asks no job to raise a limit that was not reached: %j", (seen, message, evidence) => {
    const { cause } = endOf(ended({ verdict: { ...oom, limitBytes: null, ...seen } }), null);
    expect(cause.message).toBe(message);
    expect(cause.evidence).toEqual({ kills: 1, peakBytes: 2 ** 29, ...evidence });
  });

  it("never blames the job for a fault of the host", () => {
    const { cause } = endOf(ended({ verdict: { kind: "engine_failed", reason: "no space left" } }), null);
    expect(cause.message).toBe("The host failed, not the job: no space left");
  });

  it.each([
    [
      ended({ signal: "SIGSEGV" }),
      "signal",
      "Ended by signal SIGSEGV, which Berth did not send",
      { signal: "SIGSEGV" },
    ],
    [ended({ code: 3 }), "exit", "Exited with code 3", { exitCode: 3 }],
    [ended({}), "exit", "Exited with code -1", { exitCode: -1 }],
    [
      ended({ signal: "SIGXFSZ", verdict: tooLarge }),
      "signal",
      "Ended by signal SIGXFSZ, which the kernel sends when a process asks for a file larger than `disk` (64 KiB); Berth never sends it",
      { signal: "SIGXFSZ", limitBytes: 65_536 },
    ],
    [
      ended({ verdict: { kind: "lost", reason: "the shim is gone" } }),
      "lost",
      "Nobody can know how it ended: the shim is gone",
      {},
    ],
    [
      ended({ verdict: { kind: "too_many_files", files: 12, mostFiles: 10 } }),
      "disk_limit",
      "12 files and folders in /work, and one job may have 10, a quarter of all that the server's disk can hold: keep fewer, or pack them into one",
      { files: 12, mostFiles: 10 },
    ],
    [
      ended({ verdict: { kind: "disk_limit", limitBytes: 1024, usedBytes: 2048 } }),
      "disk_limit",
      "Disk limit 1 KiB reached, 2 KiB in /work: raise `disk`",
      { limitBytes: 1024, usedBytes: 2048 },
    ],
    [
      ended({ verdict: { kind: "disk_limit", limitBytes: 1024, usedBytes: 2048, removedBytes: 1 } }),
      "disk_limit",
      "Disk limit 1 KiB reached, 2 KiB in /work (1 B of it removed, but still open in the job): raise `disk`",
      { limitBytes: 1024, usedBytes: 2048, removedBytes: 1 },
    ],
    [
      ended({
        verdict: { kind: "command_failed", reason: "no such program", said: "a\u0000b", found: true },
      }),
      "command_failed",
      "no such program",
      { said: expect.stringMatching(/^a.+b$/) as unknown, found: true },
    ],
    [ended({ verdict: { kind: "command_failed", reason: "no" } }), "command_failed", "no", {}],
    [
      ended({ verdict: { kind: "engine_failed", reason: "no room", said: "x".repeat(900) } }),
      "engine_failed",
      "The host failed, not the job: no room",
      { said: expect.stringMatching(/^x{400,500}\W*$/) as unknown },
    ],
    [
      ended({ verdict: { kind: "oom", limitBytes: 1024, peakBytes: null, kills: 2 } }),
      "oom",
      "Memory limit 1 KiB reached, oom_kill 2: raise `memory`",
      { kills: 2, limitBytes: 1024 },
    ],
    [
      ended({ verdict: { kind: "oom", limitBytes: 1024, capBytes: 2048, peakBytes: 1024, kills: 1 } }),
      "oom",
      "Memory limit 1 KiB reached, peak 1 KiB, oom_kill 1: raise `memory`",
      { kills: 1, limitBytes: 1024, peakBytes: 1024 },
    ],
  ] as const)("tells all that is known of %j", (ending, code, message, evidence) => {
    const { cause } = endOf(ending, null);
    expect(cause).toEqual({ code, message, evidence });
  });
});
