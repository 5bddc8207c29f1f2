import type { JobSpec } from "@berth/protocol";
import { parseCpu, parseDuration, parseRate, parseSize } from "@berth/protocol";

/** Who asked for a limit: a job's own that cannot be enforced is an error, an operator's default is recorded. */
type SetBy = "job" | "operator";

export interface Limit {
  value: number;
  by: SetBy;
}

/** Whose limit it is, in the words of sentences: most operators never set one. */
export function whoSet({ by }: Limit): string {
  return by === "job" ? "set by the job" : "the server's default";
}

/**
 * The limits of one job in machine units: cores, bytes, bytes a second, milliseconds.
 * null means: nobody set one.
 */
export interface Limits {
  cpu: Limit | null;
  memory: Limit | null;
  memoryHigh: Limit | null;
  ioRead: Limit | null;
  ioWrite: Limit | null;
  pids: Limit | null;
  disk: Limit | null;
  queueMs: Limit | null;
  startMs: Limit | null;
  runMs: Limit | null;
  idleMs: Limit | null;
  cpuMs: Limit | null;
  outputBytes: Limit;
  overflow: "stop" | "discard";
}

type LimitName = Exclude<keyof Limits, "overflow">;

/** What the operator sets for jobs that say nothing, in machine units; null sets none. */
export type LimitDefaults = { readonly [Name in Exclude<LimitName, "outputBytes">]: number | null } & {
  readonly outputBytes: number;
};

/** A job's limits: its own where it names one, else the operator's default. The spec was validated before. */
export function limitsOf(
  spec: Pick<JobSpec, "resources" | "timeouts" | "output">,
  defaults: LimitDefaults,
): Limits {
  const pick = (
    own: string | number | undefined,
    parse: (text: string) => number | null,
    otherwise: number | null,
  ): Limit | null => {
    const value = own === undefined ? null : typeof own === "number" ? own : parse(own);
    if (value !== null) return { value, by: "job" };
    return otherwise === null ? null : { value: otherwise, by: "operator" };
  };
  const { resources = {}, timeouts = {}, output = {} } = spec;
  return {
    cpu: pick(resources.cpu, parseCpu, defaults.cpu),
    memory: pick(resources.memory, parseSize, defaults.memory),
    memoryHigh: pick(resources.memoryHigh, parseSize, defaults.memoryHigh),
    ioRead: pick(resources.io?.read, parseRate, defaults.ioRead),
    ioWrite: pick(resources.io?.write, parseRate, defaults.ioWrite),
    pids: pick(resources.pids, Number, defaults.pids),
    disk: pick(resources.disk, parseSize, defaults.disk),
    queueMs: pick(timeouts.queue, parseDuration, defaults.queueMs),
    startMs: pick(timeouts.start, parseDuration, defaults.startMs),
    runMs: pick(timeouts.run, parseDuration, defaults.runMs),
    idleMs: pick(timeouts.idle, parseDuration, defaults.idleMs),
    cpuMs: pick(timeouts.cpu, parseDuration, defaults.cpuMs),
    outputBytes: pick(output.limit, parseSize, defaults.outputBytes) ?? {
      value: defaults.outputBytes,
      by: "operator",
    },
    overflow: output.overflow ?? "stop",
  };
}
