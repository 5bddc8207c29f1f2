/** What a right is asked about. */
export interface Target {
  /** The name of the principal that it belongs to; absent where it belongs to nobody. */
  owner?: string;
  /** What rules call it by: of a job its task, not the name that its owner gave it. Absent: only rules for all names meet it. */
  called?: string;
}
