import { mkdirSync, realpathSync } from "node:fs";

/** Settings of the local engine; they come from the config room, nothing here reads the environment. */
export interface LocalEngineOptions {
  /** The server's data folder; `jobs/` and `engine/` below it belong to this engine. */
  dataDir: string;
  /** Control group below the root of each hierarchy that holds all jobs: `NAME/jobs`. Default `berth`. */
  cgroupName?: string;
  /** Nobody else uses `cgroupName`: its control groups go when the engine closes and no job is left. Default false. */
  ownsGroups?: boolean;
  /** Jobs that may run at once. Default 16. */
  maxJobs?: number;
  /** OCI runtime. Default `/usr/bin/crun`. */
  runtime?: string;
  /** What all jobs together may use: cores, bytes, processes. null sets no cap. Default none. */
  hostCap?: HostCap;
  /** Who makes sandboxes, where the runtime is the default one: this engine's own program, or that runtime. Default `berth`. */
  sandboxMaker?: SandboxMaker;
  /** Prepared places for the next jobs, which take the slow steps off the way of a start. Default 8. */
  sparePlaces?: number;
  /** Most sandboxes that stand ready for the next jobs; 0 makes each when its job comes. Default 0. */
  warmSandboxes?: number;
  /** The same of those that have a network, of which none stands before the first job with one. Default 0. */
  warmNetworked?: number;
  /** So often sandboxes that stand ready are looked over, and how many are needed is counted, in ms. Default a minute. */
  lookOverEveryMs?: number;
  /** IPv4 addresses of jobs that have a network, as a prefix. Default 10.213.0.0/16. */
  range?: string;
  /** When somebody else changes the table that holds them: put it back, or end the jobs that have a network. Default `mend`. */
  foreignChanges?: "mend" | "stop-jobs";
  /** So long after KILL a job counts as running while processes of it are left, in ms. Default a minute. */
  killPatienceMs?: number;
  /** Hears of what an operator should know and no caller is told. Default: nobody. */
  onNotice?: (notice: string, detail: Record<string, unknown>) => void;
}

/** berth-init by itself (native/README.md), or the OCI runtime. */
export type SandboxMaker = "berth" | "runtime";

export const DEFAULT_RUNTIME = "/usr/bin/crun";

export interface HostCap {
  cpu: number | null;
  memory: number | null;
  pids: number | null;
}

export type Settings = Required<LocalEngineOptions>;

/**
 * Names of places and of the folder in memory are made of it: by a link, as after a move to another disk, a server would
 * find nothing of the jobs that run, and call them lost.
 */
function trueName(dataDir: string): string {
  checkName(dataDir);
  mkdirSync(dataDir, { recursive: true });
  const name = realpathSync(dataDir);
  checkName(name);
  return name;
}

/** The spawner reads its commands by line, and words of a line by blanks. */
function checkName(dataDir: string): void {
  if (/[\s\\]/.test(dataDir))
    throw new Error(`Cannot use data folder "${dataDir}": its path must not hold blanks or backslashes`);
}

export function withDefaults(options: LocalEngineOptions): Settings {
  const dataDir = trueName(options.dataDir);
  return {
    cgroupName: "berth",
    ownsGroups: false,
    maxJobs: 16,
    runtime: DEFAULT_RUNTIME,
    sandboxMaker: "berth",
    hostCap: { cpu: null, memory: null, pids: null },
    sparePlaces: 8,
    warmSandboxes: 0,
    warmNetworked: 0,
    lookOverEveryMs: 60_000,
    range: "10.213.0.0/16",
    foreignChanges: "mend",
    killPatienceMs: 60_000,
    onNotice: () => undefined,
    ...options,
    dataDir,
  };
}
