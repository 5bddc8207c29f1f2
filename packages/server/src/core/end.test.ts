import { describe, expect, it } from "vitest";
import { endOf, type EndVerdict } from "./end.ts";
import { stopCause } from "./cause/stop-cause.ts";

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
});
