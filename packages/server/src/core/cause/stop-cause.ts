import type { Cause } from "@berth/protocol";
import { formatDuration, formatSize } from "@berth/protocol";
import { printable } from "../../lib/text/printable.ts";
import { type Limit, whoSet } from "../limits.ts";

const shown = (reason: string): string => printable(reason, { most: 1000 });

/** The sentences of the ends that Berth itself brings about: what was reached, who set it, what to do. */
export const stopCause = {
  stopped: (by: string): Cause => ({ code: "stopped", message: `Stopped by ${by}`, evidence: { by } }),

  replaced: (task: string, by: string): Cause => ({
    code: "stopped",
    message: `Stopped as a newer run of task "${task}" took its place: job ${by}`,
    evidence: { task, replacedBy: by },
  }),

  runTimeout: (limit: Limit): Cause => ({
    code: "run_timeout",
    message: `Run timeout ${formatDuration(limit.value)} reached (${whoSet(limit)}): raise \`timeouts.run\` or extend the job`,
    evidence: { limitMs: limit.value, setBy: limit.by },
  }),

  queueTimeout: (limit: Limit): Cause => ({
    code: "queue_timeout",
    message: `Queue timeout ${formatDuration(limit.value)} reached before a slot was free (${whoSet(limit)}): raise \`timeouts.queue\``,
    evidence: { limitMs: limit.value, setBy: limit.by },
  }),

  /** `stage` names what was going on, where something was. */
  startTimeout: (limit: Limit, stage?: string): Cause => ({
    code: "start_timeout",
    message: `Start timeout ${formatDuration(limit.value)} reached (${whoSet(limit)})${
      stage === undefined
        ? ": the host is too slow or `timeouts.start` too short"
        : ` in stage "${stage}", which counts towards it: raise \`timeouts.start\``
    }`,
    evidence: { limitMs: limit.value, setBy: limit.by },
  }),

  idleTimeout: (limit: Limit): Cause => ({
    code: "idle_timeout",
    message: `Idle timeout ${formatDuration(limit.value)} reached without output (${whoSet(limit)}): print progress or raise \`timeouts.idle\``,
    evidence: { limitMs: limit.value, setBy: limit.by },
  }),

  cpuTimeout: (limit: Limit, usedMs: number): Cause => ({
    code: "cpu_timeout",
    message: `CPU time ${formatDuration(limit.value)} used up, ${formatDuration(usedMs)} measured (${whoSet(limit)}): raise \`timeouts.cpu\``,
    evidence: { limitMs: limit.value, usedMs, setBy: limit.by },
  }),

  outputLimit: (limit: Limit, stream: "stdout" | "stderr", bytes: number): Cause => ({
    code: "output_limit",
    message: `Output limit ${formatSize(limit.value)} reached on ${stream} (${whoSet(limit)}): raise \`output.limit\` or set \`output.overflow\` to \`discard\``,
    evidence: { limitBytes: limit.value, stream, bytes, setBy: limit.by },
  }),

  engineFailed: (reason: string): Cause => ({
    code: "engine_failed",
    message: `The host failed, not the job: ${shown(reason)}`,
    evidence: {},
  }),

  /**
   * A start that was refused may name the program or the folder that the job asked for. `found` tells a program that is
   * not there from one that cannot be executed; undefined where that is not the point.
   */
  commandFailed: (reason: string, found?: boolean): Cause => ({
    code: "command_failed",
    message: shown(reason),
    evidence: found === undefined ? {} : { found },
  }),
};
