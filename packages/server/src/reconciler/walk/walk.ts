/** One job on its way from its slot to its end. */
export interface Walk {
  jobId: string;
  /** Stored by this very process a moment ago: nothing of it can be on the host yet. */
  fresh: boolean;
  /** Begun by an earlier server, as the store says: it may have been started. */
  inherited: boolean;
  /** Aborted when the server goes down. */
  signal: AbortSignal;
  onChange: (look: () => void) => void;
  /** Called when what became of an inherited job is known, and stored where it has ended. */
  recovered: () => void;
  /** Says that the job has changed. */
  revisit: () => void;
}
