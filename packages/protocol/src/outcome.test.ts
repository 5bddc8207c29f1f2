import { describe, expect, it } from "vitest";
import { endCauses } from "./causes.ts";
import { type Outcome, outcomeCode } from "./outcome.ts";
import { jobStates, terminalStates } from "./states.ts";

const ended = (code: string, rest: Partial<Outcome> = {}): Outcome => ({
  state: "failed",
  cause: { code, evidence: {} },
  exitCode: null,
  signal: null,
  ...rest,
});

describe("how a job came out", () => {
  const states = terminalStates.filter((state) => state !== "succeeded");
  const ends = [
    { exitCode: 0 },
    { exitCode: 3 },
    { signal: "SIGTERM" },
    { signal: "SIG32" },
    { signal: "SIGNOSUCH" },
    {},
  ];
  const all = states.flatMap((state) =>
    [...endCauses, "of_tomorrow"].flatMap((cause) => ends.map((end) => ({ state, cause, end }))),
  );

  it.each(all)("is never 0 when it $state by $cause with $end", ({ state, cause, end }) => {
    const code = outcomeCode(ended(cause, { state, ...end }));
    expect(code).toBeGreaterThan(0);
    expect(code).toBeLessThan(256);
  });

  it("is 0 when it succeeded, and nothing before it has ended", () => {
    const codes = jobStates.map((state) => outcomeCode(ended("exit", { state, exitCode: 0 })));
    expect(codes).toEqual([null, null, null, null, 0, 123, 123, 125]);
  });

  it.each([
    ["a run timeout that TERM ended", ended("run_timeout", { signal: "SIGTERM" }), 124],
    ["a run timeout obeyed with 0", ended("run_timeout", { exitCode: 0 }), 124],
    ["a CPU timeout", ended("cpu_timeout", { exitCode: 1 }), 124],
    ["an idle timeout", ended("idle_timeout", { signal: "SIGKILL" }), 124],
    ["a start timeout", ended("start_timeout"), 124],
    ["a queue timeout", ended("queue_timeout"), 124],
    ["an output limit obeyed with 0", ended("output_limit", { exitCode: 0 }), 123],
    ["an output limit that KILL ended", ended("output_limit", { signal: "SIGKILL" }), 137],
    ["a disk limit obeyed with 2", ended("disk_limit", { exitCode: 2 }), 2],
    ["no memory, told by a signal", ended("oom", { signal: "SIGKILL" }), 137],
    ["no memory, with a program that went on to 0", ended("oom", { exitCode: 0 }), 137],
    ["a signal", ended("signal", { signal: "SIGSEGV" }), 139],
    ["a real-time signal", ended("signal", { signal: "SIGRTMIN+2" }), 164],
    ["a stop", ended("stopped", { state: "canceled", signal: "SIGTERM" }), 143],
    ["a stop in the queue", ended("stopped", { state: "canceled" }), 123],
    [
      "a program that is not there",
      { ...ended("x"), cause: { code: "command_failed", evidence: { found: false } } },
      127,
    ],
    [
      "a program that cannot be executed",
      { ...ended("x"), cause: { code: "command_failed", evidence: { found: true } } },
      126,
    ],
    ["a job that cannot be as it was asked for", ended("command_failed"), 126],
    ["a fault of the host", ended("engine_failed", { exitCode: 1 }), 125],
    ["nobody who knows", ended("lost", { state: "lost", signal: "SIGKILL" }), 125],
    ["its own code", ended("exit", { exitCode: 42 }), 42],
    ["nothing that was recorded", { ...ended("x"), cause: null }, 123],
    ["its own code, with no cause recorded", { ...ended("x", { exitCode: 2 }), cause: null }, 2],
  ])("after %s", (_what, job, code) => {
    expect(outcomeCode(job)).toBe(code);
  });
});
