import type { Cause, TerminalState } from "@berth/protocol";
import { formatSize } from "@berth/protocol";
import { printable } from "../../lib/text/printable.ts";
import type { StopRequest } from "./job.ts";

/** What was seen of a job's end, in the words of no particular engine. */
export interface Ending {
  code: number | null;
  signal: string | null;
  verdict: EndVerdict | null;
  /** Processes that could not be ended. */
  remaining?: number;
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
  /**
   * `reason` is in words of the engine; `said` is what a process near the job has written, not to be trusted; `found`:
   * the program is there.
   */
  | { kind: "command_failed"; reason: string; said?: string; found?: boolean }
  /** `removedBytes` of what is used are of files that were removed while they were open. */
  | { kind: "disk_limit"; limitBytes: number; usedBytes: number; removedBytes?: number }
  | { kind: "too_many_files"; files: number; mostFiles: number }
  /** Ended as by the kernel's signal for a file larger than the disk limit, though no file in /work is that large. */
  | { kind: "file_too_large"; limitBytes: number }
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
  const end = endWithout(ending, stop);
  const { remaining = 0 } = ending;
  if (remaining === 0) return end;
  const evidence = { ...end.cause.evidence, remainingProcesses: remaining };
  return { ...end, cause: { ...end.cause, evidence } };
}

function endWithout(ending: Ending, stop: StopRequest | null): End {
  if (ending.verdict?.kind === "lost") return lost(ending.verdict.reason);
  if (stop) return endOfStop(stop);
  if (ending.verdict?.kind === "file_too_large") return endByFileSize(ending, ending.verdict);
  if (ending.verdict) return endOfVerdict(ending.verdict);
  return endByItself(ending);
}

/** What was stopped before it began, or by the stop alone: only who asks for a stop cancels, a clock that runs out fails. */
export function endOfStop({ cause }: Pick<StopRequest, "cause">): End {
  return { state: cause.code === "stopped" ? "canceled" : "failed", cause };
}

function endByItself(ending: Pick<Ending, "code" | "signal">): End {
  if (ending.signal !== null) {
    return failed("signal", `Ended by signal ${ending.signal}, which Berth did not send`, {
      signal: ending.signal,
    });
  }
  const code = ending.code ?? -1;
  const cause: Cause = { code: "exit", message: `Exited with code ${code}`, evidence: { exitCode: code } };
  return { state: code === 0 ? "succeeded" : "failed", cause };
}

/**
 * The kernel lets no file grow past the disk limit. The job may have asked for a larger file and got none, or have sent itself
 * the signal: nothing on the host tells the two apart.
 */
function endByFileSize(ending: Ending, { limitBytes }: { limitBytes: number }): End {
  const end = endByItself(ending);
  if (ending.signal === null) return end;
  const message = `Ended by signal ${ending.signal}, which the kernel sends when a process asks for a file larger than \`disk\` (${formatSize(limitBytes)}); Berth never sends it`;
  return failed("signal", message, { ...end.cause.evidence, limitBytes });
}

export function lost(reason: string): End {
  return {
    state: "lost",
    cause: { code: "lost", message: `Nobody can know how it ended: ${reason}`, evidence: {} },
  };
}

export function endOfVerdict(verdict: Exclude<EndVerdict, { kind: "lost" | "file_too_large" }>): End {
  switch (verdict.kind) {
    case "oom":
      return outOfMemory(verdict);
    case "disk_limit":
      return tooMuchDisk(verdict);
    case "too_many_files":
      return failed(
        "disk_limit",
        `${verdict.files} files and folders in /work, and one job may have ${verdict.mostFiles}, a quarter of all that the server's disk can hold: keep fewer, or pack them into one`,
        { files: verdict.files, mostFiles: verdict.mostFiles },
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

function tooMuchDisk(verdict: Extract<EndVerdict, { kind: "disk_limit" }>): End {
  const { limitBytes, usedBytes, removedBytes = 0 } = verdict;
  const removed =
    removedBytes === 0 ? "" : ` (${formatSize(removedBytes)} of it removed, but still open in the job)`;
  const message = `Disk limit ${formatSize(limitBytes)} reached, ${formatSize(usedBytes)} in /work${removed}: raise \`disk\``;
  return failed("disk_limit", message, {
    limitBytes,
    usedBytes,
    ...(removedBytes > 0 && { removedBytes }),
  });
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
