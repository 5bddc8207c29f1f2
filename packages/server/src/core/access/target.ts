/** What a right is asked about. */
export interface Target {
  /** The name of the principal that it belongs to; absent where it belongs to nobody. */
  owner?: string;
  /** What rules call it by: of a job its task, not the name that its owner gave it. Absent: only rules for all names meet it. */
  called?: string;
  /**
   * That it is not allowed is no refusal of anything that somebody asked for, and not recorded as one: it is one of many that
   * a list goes through, or chooses the words in which something else is refused.
   */
  isAside?: true;
}
