import type { Cause, TerminalState } from "@berth/protocol";
import { formatSize } from "@berth/protocol";
import type { StopRequest } from "./job.ts";

/** What was seen of a job's end, in the words of no particular engine. */
export interface Ending {
  code: number | null;
  signal: string | null;
  verdict: EndVerdict | null;
}

/** What the engine itself knows of the end, beyond code and signal. */
export type EndVerdict =
  | { kind: "oom"; limitBytes: number | null; peakBytes: number | null; kills: number }
  | { kind: "command_failed"; reason: string }
  | { kind: "disk_limit"; limitBytes: number; usedBytes: number }
  | { kind: "engine_failed"; reason: string }
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
      return failed("command_failed", verdict.reason, {});
    case "engine_failed":
      return failed("engine_failed", `The host failed, not the job: ${verdict.reason}`, {});
    default:
      return verdict satisfies never;
  }
}

function outOfMemory({ limitBytes, peakBytes, kills }: Extract<EndVerdict, { kind: "oom" }>): End {
  const peak = peakBytes === null ? "" : `, peak ${formatSize(peakBytes)}`;
  const what =
    limitBytes === null ? "The host ran out of memory" : `Memory limit ${formatSize(limitBytes)} reached`;
  return failed("oom", `${what}${peak}, oom_kill ${kills}: raise \`memory\``, {
    kills,
    ...(limitBytes !== null && { limitBytes }),
    ...(peakBytes !== null && { peakBytes }),
  });
}

function failed(code: Cause["code"], message: string, evidence: Cause["evidence"]): End {
  return { state: "failed", cause: { code, message, evidence } };
}
