/** Settings of the local engine; they come from the config room, nothing here reads the environment. */
export interface LocalEngineOptions {
  /** The server's data folder; `jobs/` and `engine/` below it belong to this engine. */
  dataDir: string;
  /** Control group below the root of each hierarchy that holds all jobs: `NAME/jobs`. Default `berth`. */
  cgroupName?: string;
  /** OCI runtime. Default `/usr/bin/crun`. */
  runtime?: string;
  /**
   * Program that becomes pid 1 of a job: a shell, or an init as `/usr/bin/catatonit`. Default null: our own, see
   * bundle/init-x64.s, which is quicker than those and the only one that tells every signal from an exit code.
   */
  initPath?: string | null;
  /** What all jobs together may use: cores, bytes, processes. null sets no cap. Default none. */
  hostCap?: HostCap;
  /** Prepared places for the next jobs, which take the slow steps off the way of a start. Default 8. */
  spareSlots?: number;
  /** Hears of what an operator should know and no caller is told. Default: nobody. */
  onNotice?: (notice: string, detail: Record<string, unknown>) => void;
}

export interface HostCap {
  cpu: number | null;
  memory: number | null;
  pids: number | null;
}
