/** One job on its way from its slot to its end. */
export interface JobRun {
  jobId: string;
  /** Stored by this very process a moment ago: nothing of it can be on the host yet. */
  fresh: boolean;
  /** Aborted when the server goes down. */
  signal: AbortSignal;
  onChange: (look: () => void) => void;
  /** Says that the job has changed. */
  revisit: () => void;
}
