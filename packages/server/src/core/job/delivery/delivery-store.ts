import type { Attempt, AttemptEnd, Delivery, Settled } from "./delivery.ts";

/** Which delivery, at which of its attempts. */
type AttemptKey = Pick<Delivery, "id"> & { attempt: number };

/**
 * What is sent when jobs end: rows that are stored with the end of a job, and go with it. Of all that try an attempt one claims it,
 * before anything is sent.
 */
export interface DeliveryStore {
  /** Of one job, in the order of its callbacks, with the last attempts of each. */
  ofJob(jobId: string): Promise<{ delivery: Delivery; attempts: Attempt[] }[]>;
  /** The lanes in which something is due, by name, from behind `after` on. Takes no longer the more is due. */
  dueLanes(now: number, page: { after: string | null; most: number }): Promise<string[]>;
  /** What is due of one lane, longest ago first. */
  due(now: number, page: { lane: string; most: number }): Promise<Delivery[]>;
  /** When the first one is due after this moment. */
  firstAfter(now: number): Promise<number | null>;
  /** Notes that an attempt begins, which nobody else tries until `until`. False where somebody else was faster, or it is gone. */
  claim(key: AttemptKey, times: { at: number; until: number }): Promise<boolean>;
  /** What came of the attempt. False where that is another's by now. */
  settle(key: AttemptKey, end: AttemptEnd, settled: Settled): Promise<boolean>;
  /** Has it tried at once, from the first wait on, unless there were other attempts than `attempts` by now. False then. */
  resend(id: string, known: { attempts: number; at: number }): Promise<boolean>;
  /** A server has begun, and the one before has ended: what that had claimed, until `until` at most, is due. */
  takeUp(times: { now: number; until: number }): Promise<void>;
  /** The clock was set back: what was put off by a later one is due. */
  setBack(now: number): Promise<void>;
  /** How many are pending. */
  pending(): Promise<number>;
}
