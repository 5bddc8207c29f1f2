/** One line of the table: a figure of Berth's against its floor or its bound, both of this run. */
export interface Row {
  what: string;
  unit: string;
  berth: number;
  /** Measured in the same run; null where the figure has a bound and no floor. */
  floor: number | null;
  goal: Goal;
}

export type Goal =
  /** `berth / floor` must not be over, or not be under, this. */
  | { kind: "ratio"; atMost: number }
  | { kind: "ratio"; atLeast: number }
  /** `berth` itself must not be over, or not be under, this. */
  | { kind: "value"; atMost: number }
  | { kind: "value"; atLeast: number }
  /** Shown to judge the others by; promised to nobody. */
  | { kind: "none" };

export function ratioOf(row: Row): number | null {
  return row.floor === null ? null : row.berth / row.floor;
}

/** null where nothing was promised. */
export function isHeld(row: Row): boolean | null {
  if (row.goal.kind === "none") return null;
  const measured = row.goal.kind === "ratio" ? (ratioOf(row) ?? Number.NaN) : row.berth;
  return "atMost" in row.goal ? measured <= row.goal.atMost : measured >= row.goal.atLeast;
}
