import { createHash } from "node:crypto";

/** Ids from here on belong to nobody by systemd's table of user ids; 4096 ranges of 65536. */
const FIRST = 1_879_048_192;
const RANGES = 4096;
export const RANGE_SIZE = 65_536;
/** The user and group that a job's processes have inside. */
export const INNER_ID = 1000;

/** User and group ids of the host that are one job's for as long as it is there; `first` is 0 inside. */
export interface IdRange {
  first: number;
}

/** The host's id for the job's own user and group. */
export function userOf({ first }: IdRange): number {
  return first + INNER_ID;
}

/**
 * Hands each prepared place a range that no other has. Those that come free are taken again first: what the spawner has
 * made for a range serves the next job too. Where they begin depends on the data folder, so that two servers on one
 * host seldom meet.
 */
export class IdRanges {
  readonly #begin: number;
  readonly #taken = new Set<number>();

  constructor(dataDir: string) {
    this.#begin = createHash("sha256").update(dataDir).digest().readUInt32BE(0) % RANGES;
  }

  /** Throws when all are taken. */
  take(): IdRange {
    for (let n = 0; n < RANGES; n += 1) {
      const first = FIRST + ((this.#begin + n) % RANGES) * RANGE_SIZE;
      if (this.#taken.has(first)) continue;
      this.#taken.add(first);
      return { first };
    }
    throw new Error(`Cannot give a job user ids of its own: all ${RANGES} ranges are in use`);
  }

  /** The range of a job that another server has begun. */
  reserve({ first }: IdRange): void {
    this.#taken.add(first);
  }

  /** To be called when no process and no file that a job can reach has an id of the range any more. */
  release({ first }: IdRange): void {
    this.#taken.delete(first);
  }
}
