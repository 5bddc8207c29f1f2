import type { NewDelivery } from "../../job/delivery/delivery.ts";

/** Where a run stands among those that are made of one another after faults. Times are epoch ms. */
export interface Retry {
  /** 1 is the first run. */
  attempt: number;
  /** The first run; null for that itself. */
  of: string | null;
  /** When it is to be run again, or was; left out where it is not. */
  at?: number;
  /** The job that it was run again as. */
  as?: string;
  /** Why it was not, after all. */
  why?: string;
}

/** Takes what is due of a run, once and for all: stored only where it is due at `from`, and nobody has taken it. */
export interface RetryClaim {
  job: string;
  retry: Retry;
  from: number;
}

/** Runs that are to be made again. The job that one is run again as takes it in its own write (`NewJob.retries`). */
export interface RetryStore {
  /** Those that are due, longest ago first, from behind `after` on, by the ids of their jobs. */
  due(
    now: number,
    page: { after: { nextAt: number; name: string } | null; limit: number },
  ): Promise<{ name: string; nextAt: number }[]>;
  /** When the first one is due after this moment. */
  firstAfter(now: number): Promise<number | null>;
  /** It is not made again. Who was told of its end is told of this. False where it could not be taken. */
  refuse(claim: RetryClaim, told: { why: string; deliveries: readonly NewDelivery[] }): Promise<boolean>;
  /** It is due later. False where it could not be taken. */
  putOff(claim: RetryClaim, at: number): Promise<boolean>;
}
