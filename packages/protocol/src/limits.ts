import {
  durationProblem,
  formatDuration,
  formatSize,
  parseCpu,
  parseDuration,
  parseRate,
  parseSize,
  rateProblem,
  sizeProblem,
} from "./units.ts";

/**
 * How limits of a unit are written, read and shown. `parse` returns null for what is not of the unit, and `problem` says why, to go
 * on after the field's name.
 */
export const limitUnits = {
  cores: {
    parse: parseCpu,
    show: (value: number): string => (value === 1 ? "1 core" : `${value} cores`),
    problem: () => "must be written like 1.5, 500m or 50%",
    wanted: "a number of cores like 2, 1.5, 500m or 50% (of one core)",
    placeholder: "CORES",
  },
  size: {
    parse: parseSize,
    show: formatSize,
    problem: (text: string) => sizeProblem(text, "512Mi"),
    wanted: "a size like 512Mi or 10GiB",
    placeholder: "SIZE",
  },
  rate: {
    parse: parseRate,
    show: (value: number): string => `${formatSize(value)}/s`,
    problem: (text: string) => rateProblem(text, "10MiB/s"),
    wanted: "a rate like 10MiB/s",
    placeholder: "RATE",
  },
  duration: {
    parse: parseDuration,
    show: formatDuration,
    problem: (text: string) => durationProblem(text, "90s"),
    wanted: "a duration like 90s or 1h30m",
    placeholder: "TIME",
  },
  count: {
    parse: (text: string): number | null => (/^\d{1,15}$/.test(text) ? Number(text) : null),
    show: String,
    problem: () => "must be written like 512",
    wanted: "a whole number",
    placeholder: "N",
  },
} as const;

/** What an engine says of a limit: the item of its isolation, and the capability that it is enforced by. */
export interface LimitItem {
  name: string;
  capability: string;
  /** What a job without this limit has; null: it is told of only where somebody set it. */
  unset: string | null;
}

/** One limit of a job, with everything that is said of it anywhere. */
export interface LimitRow {
  /** Where it stands in a job's spec, and its name there. */
  section: "resources" | "resources.io" | "timeouts" | "output";
  field: string;
  /** Its name in the message of gRPC, where that is not its field's. */
  wire?: string;
  unit: keyof typeof limitUnits;
  /** In the smallest unit. */
  least?: { value: number; shown: string; because: string };
  most?: number;
  /** Of the field, in the API's document. */
  about: string;
  /** `defaults.NAME` of berth.yaml, `BERTH_DEFAULT_NAME` of the environment. `always`: cannot be `none`. */
  setting: { name: string; default: string; always?: true; about: string };
  flag: { name: string; about: string; short?: string };
  /** Who holds it. Control groups and the disk are the engine's, clocks and output are held for every engine alike. */
  heldBy: "control group" | "disk" | "clock" | "pid 1";
  /** Of what the engine holds. */
  item?: LimitItem;
}

/**
 * The limits of a job, by their names in machine units: cores, bytes, bytes a second, milliseconds. A limit is added
 * here; its schema, its default, its setting, its flag, its way over both wires, its isolation item and its
 * documentation follow. What is left to write is the field in `executor.proto` and the code that holds it.
 */
export const limitTable = {
  cpu: {
    section: "resources",
    field: "cpu",
    unit: "cores",
    about: "Cores: `1.5`, `500m`, `50%` (of one core)",
    setting: {
      name: "cpu",
      default: "none",
      about:
        "Cores of a job that names none, also as `50%` of one core. Without one a job may use what the others leave, in equal shares",
    },
    flag: { name: "cpu", about: "Cores, as in 1.5, 500m, 50%" },
    heldBy: "control group",
    item: {
      name: "cpu-limit",
      capability: "cpuLimit",
      unset: "none set, an equal share of what all jobs together may use",
    },
  },
  memory: {
    section: "resources",
    field: "memory",
    unit: "size",
    about: "Hard limit: `512Mi`",
    setting: { name: "memory", default: "1GiB", about: "Memory limit of a job that names none" },
    flag: { name: "memory", about: "Hard memory limit, as in 512Mi" },
    heldBy: "control group",
    item: { name: "memory-limit", capability: "memoryLimit", unset: "none set" },
  },
  memoryHigh: {
    section: "resources",
    field: "memoryHigh",
    unit: "size",
    about: "Soft limit, at which the kernel slows the job down",
    setting: {
      name: "memoryHigh",
      default: "none",
      about:
        "Soft memory limit of a job that names none: past it the kernel slows the job down. Far below its memory limit a job may stand still for minutes",
    },
    flag: { name: "memory-high", about: "Memory at which it is slowed down" },
    heldBy: "control group",
    item: { name: "memory-high", capability: "memoryHigh", unset: null },
  },
  ioRead: {
    section: "resources.io",
    field: "read",
    wire: "ioRead",
    unit: "rate",
    about: "Reads from each disk that its files or the toolchain lie on: `10MiB/s`",
    setting: {
      name: "ioRead",
      default: "none",
      about:
        "Bytes a second that a job which names none may read from each disk that its files or the toolchain lie on",
    },
    flag: { name: "io-read", about: "Disk reads, as in 10MiB/s" },
    heldBy: "control group",
    item: { name: "io-read-limit", capability: "ioLimits", unset: "none set" },
  },
  ioWrite: {
    section: "resources.io",
    field: "write",
    wire: "ioWrite",
    unit: "rate",
    about: "Writes to each disk that its files or the toolchain lie on: `10MiB/s`",
    setting: {
      name: "ioWrite",
      default: "none",
      about:
        "Bytes a second that a job which names none may write to each disk that its files or the toolchain lie on",
    },
    flag: { name: "io-write", about: "Disk writes" },
    heldBy: "control group",
    item: { name: "io-write-limit", capability: "ioLimits", unset: "none set" },
  },
  pids: {
    section: "resources",
    field: "pids",
    unit: "count",
    least: { value: 1, shown: "1", because: "a job is a process" },
    most: 1_000_000,
    about: "Processes and threads together",
    setting: { name: "pids", default: "1024", about: "Processes and threads of a job that names none" },
    flag: { name: "pids", about: "Most processes and threads together" },
    heldBy: "control group",
    item: { name: "pids-limit", capability: "pidsLimit", unset: "none set" },
  },
  disk: {
    section: "resources",
    field: "disk",
    unit: "size",
    // The bound also of each file that the runtime writes on the way.
    least: { value: 16 * 1024, shown: "16Ki", because: "less than that no job can be made with" },
    about:
      "Bytes that the job may take in /work, at least 16Ki; a file counts 4 KiB at least, and a removed one for as long as it is open. No single file may be larger, the output neither",
    setting: { name: "disk", default: "2GiB", about: "Bytes in /work of a job that names none" },
    flag: { name: "disk", about: "Most bytes it may keep in /work" },
    heldBy: "disk",
    item: { name: "disk-limit", capability: "diskLimit", unset: "none set" },
  },
  queueMs: {
    section: "timeouts",
    field: "queue",
    unit: "duration",
    about: "Longest wait in the queue",
    setting: {
      name: "queueTimeout",
      default: "1d",
      about: "Longest wait in the queue of a job that names none",
    },
    flag: { name: "queue-timeout", about: "Longest wait in the queue" },
    heldBy: "clock",
  },
  startMs: {
    section: "timeouts",
    field: "start",
    unit: "duration",
    about: "Longest time from leaving the queue to running",
    setting: {
      name: "startTimeout",
      default: "2m",
      about: "Longest time from leaving the queue to running of a job that names none",
    },
    flag: { name: "start-timeout", about: "Longest preparation" },
    heldBy: "clock",
  },
  runMs: {
    section: "timeouts",
    field: "run",
    unit: "duration",
    about: "Longest running time; can be extended",
    setting: { name: "runTimeout", default: "1h", about: "Longest running time of a job that names none" },
    flag: { name: "timeout", about: "Longest running time, as in 90s", short: "t" },
    heldBy: "clock",
  },
  idleMs: {
    section: "timeouts",
    field: "idle",
    unit: "duration",
    about: "Longest time without output",
    setting: {
      name: "idleTimeout",
      default: "none",
      about: "Longest time without output of a job that names none",
    },
    flag: { name: "idle-timeout", about: "Longest time without output" },
    heldBy: "clock",
  },
  cpuMs: {
    section: "timeouts",
    field: "cpu",
    unit: "duration",
    about: "Most CPU time, of all processes together",
    setting: {
      name: "cpuTimeout",
      default: "none",
      about: "Most CPU time, of all its processes together, of a job that names none",
    },
    flag: { name: "cpu-time", about: "Most CPU time of all its processes" },
    heldBy: "clock",
  },
  outputBytes: {
    section: "output",
    field: "limit",
    unit: "size",
    about: "Most bytes of stdout and stderr, each",
    setting: {
      name: "outputLimit",
      default: "1GiB",
      always: true,
      about: "Most bytes of stdout and of stderr, each, of a job that names none",
    },
    flag: { name: "output-limit", about: "Most bytes of each stream" },
    heldBy: "pid 1",
  },
} as const satisfies Readonly<Record<string, LimitRow>>;

export type LimitTable = typeof limitTable;
export type LimitName = keyof LimitTable;

/** Names of the limits that one of these holds. */
export type LimitHeldBy<Who extends LimitRow["heldBy"]> = {
  [Name in LimitName]: LimitTable[Name]["heldBy"] extends Who ? Name : never;
}[LimitName];

/** What an engine may be able to enforce. */
export type LimitCapability = Extract<LimitTable[LimitName], { item: LimitItem }>["item"]["capability"];

/** A row with its name, and the path of its field in a spec. */
export interface NamedLimit extends LimitRow {
  limit: LimitName;
  path: string;
  /** The path part by part: it is walked for every job. */
  keys: readonly string[];
  item?: LimitItem & { capability: LimitCapability };
}

/** The table as it is walked. */
export const limitRows: readonly NamedLimit[] = Object.entries(limitTable).map(
  ([limit, row]): NamedLimit => ({
    ...row,
    // The keys are those of the table.
    limit: limit as LimitName,
    path: `${row.section}.${row.field}`,
    keys: [...row.section.split("."), row.field],
  }),
);

/** What a job's spec says of a limit; undefined where it says nothing. */
export function limitIn(spec: object, { keys }: { keys: readonly string[] }): string | number | undefined {
  let found: unknown = spec;
  for (const part of keys) {
    if (typeof found !== "object" || found === null) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[part];
  }
  return typeof found === "string" || typeof found === "number" ? found : undefined;
}
