import type { Cause, TerminalState } from "@berth/protocol";
import { formatSize } from "@berth/protocol";
import { printable } from "../lib/printable.ts";
import type { StopRequest } from "./job.ts";

/** What was seen of a job's end, in the words of no particular engine. */
export interface Ending {
  code: number | null;
  signal: string | null;
  verdict: EndVerdict | null;
}

/** What the engine itself knows of the end, beyond code and signal. */
export type EndVerdict =
  | {
      kind: "oom";
      /** The job's own limit, where that was what ran out. */
      limitBytes: number | null;
      /** The limit of all jobs together, where that was. With neither it was the host. */
      capBytes?: number | null;
      peakBytes: number | null;
      kills: number;
    }
  /** `reason` is in words of the engine; `said` is what a process near the job has written, not to be trusted; `found`: the program is there. */
  | { kind: "command_failed"; reason: string; said?: string; found?: boolean }
  | { kind: "disk_limit"; limitBytes: number; usedBytes: number }
  | { kind: "engine_failed"; reason: string; said?: string }
  | { kind: "lost"; reason: string };

export interface End {
  state: TerminalState;
  cause: Cause;
}

/**
 * Which state and cause an ending means. A stop that was requested before the end explains everything that
 * followed it; else the engine's verdict; else the signal or the code.
 */
export function endOf(ending: Ending, stop: StopRequest | null): End {
  if (ending.verdict?.kind === "lost") return lost(ending.verdict.reason);
  if (stop) return { state: stop.cause.code === "stopped" ? "canceled" : "failed", cause: stop.cause };
  if (ending.verdict) return endOfVerdict(ending.verdict);
  if (ending.signal !== null) {
    return failed("signal", `Ended by signal ${ending.signal}, which Berth did not send`, {
      signal: ending.signal,
    });
  }
  const code = ending.code ?? -1;
  const cause: Cause = { code: "exit", message: `Exited with code ${code}`, evidence: { exitCode: code } };
  return { state: code === 0 ? "succeeded" : "failed", cause };
}

export function lost(reason: string): End {
  return {
    state: "lost",
    cause: { code: "lost", message: `Nobody can know how it ended: ${reason}`, evidence: {} },
  };
}

function endOfVerdict(verdict: Exclude<EndVerdict, { kind: "lost" }>): End {
  switch (verdict.kind) {
    case "oom":
      return outOfMemory(verdict);
    case "disk_limit":
      return failed(
        "disk_limit",
        `Disk limit ${formatSize(verdict.limitBytes)} reached, ${formatSize(verdict.usedBytes)} in /work: raise \`disk\``,
        { limitBytes: verdict.limitBytes, usedBytes: verdict.usedBytes },
      );
    case "command_failed":
      return failed("command_failed", verdict.reason, {
        ...quote(verdict.said),
        ...(verdict.found !== undefined && { found: verdict.found }),
      });
    case "engine_failed":
      return failed("engine_failed", `The host failed, not the job: ${verdict.reason}`, quote(verdict.said));
    default:
      return verdict satisfies never;
  }
}

function quote(said: string | undefined): Cause["evidence"] {
  return said === undefined ? {} : { said: printable(said, { most: 500 }) };
}

function outOfMemory(verdict: Extract<EndVerdict, { kind: "oom" }>): End {
  const { limitBytes, capBytes = null, peakBytes, kills } = verdict;
  const peak = peakBytes === null ? "" : `, peak ${formatSize(peakBytes)}`;
  const [what, mend] = whatRanOut(limitBytes, capBytes);
  return failed("oom", `${what}${peak}, oom_kill ${kills}: ${mend}`, {
    kills,
    ...(limitBytes !== null && { limitBytes }),
    ...(limitBytes === null && capBytes !== null && { capBytes }),
    ...(peakBytes !== null && { peakBytes }),
  });
}

/** What had no memory left, and what helps. Only about its own limit can a job do something. */
function whatRanOut(limitBytes: number | null, capBytes: number | null): [what: string, mend: string] {
  if (limitBytes !== null) return [`Memory limit ${formatSize(limitBytes)} reached`, "raise `memory`"];
  const fewer = "run fewer jobs at once";
  if (capBytes === null) return ["The host ran out of memory", fewer];
  const all = `All jobs together reached their memory limit ${formatSize(capBytes)}`;
  return [all, `${fewer}, or let the operator raise BERTH_JOBS_MEMORY`];
}

function failed(code: Cause["code"], message: string, evidence: Cause["evidence"]): End {
  return { state: "failed", cause: { code, message, evidence } };
}
