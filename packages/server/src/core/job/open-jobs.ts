/** How many jobs have not ended. */
export interface OpenJobs {
  /** In the engine's hands. */
  running: number;
  queued: number;
}
