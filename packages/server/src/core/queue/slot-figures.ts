/** How full an engine is. */
export interface SlotFigures {
  total: number;
  busy: number;
  /** Jobs that wait. */
  queued: number;
  /** Owners of those. */
  owners: number;
}
