import { createHash } from "node:crypto";

/** Ids from here on belong to nobody by systemd's table of user ids; 4096 ranges of 65536. */
const FIRST = 1_879_048_192;
const RANGES = 4096;
export const RANGE_SIZE = 65_536;
/** The user and group that a job's processes have inside. */
export const INNER_ID = 1000;

export interface IdRange {
  /** The host's id for 0 inside. */
  first: number;
  /** The host's id for the job's own user and group. */
  user: number;
}

/** The range of user and group ids of a job, from its id alone: nothing has to be remembered. */
export function idRangeOf(id: string): IdRange {
  const first = FIRST + (createHash("sha256").update(id).digest().readUInt32BE(0) % RANGES) * RANGE_SIZE;
  return { first, user: first + INNER_ID };
}
