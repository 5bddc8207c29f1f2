/** Settings of the local engine; they come from the config room, nothing here reads the environment. */
export interface LocalEngineOptions {
  /** The server's data folder; `jobs/` and `engine/` below it belong to this engine. */
  dataDir: string;
  /** Control group below the root of each hierarchy that holds all jobs: `NAME/jobs`. Default `berth`. */
  cgroupName?: string;
  /** OCI runtime. Default `/usr/bin/crun`. */
  runtime?: string;
  /**
   * Program that becomes pid 1 of a job. Default `/bin/sh`: a shell is as small and as quick as an init made for the
   * purpose and, unlike those, tells the end by a signal from an exit code of 128 and more.
   */
  initPath?: string;
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
