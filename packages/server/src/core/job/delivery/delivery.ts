import type { DeliveryState } from "@berth/protocol";

/** What is stored with the end of a job for each one who is told of it. Times are epoch ms. */
export interface NewDelivery {
  /** What receivers know it by, the same with every attempt. */
  id: string;
  jobId: string;
  /** Whose turn it takes: see `laneOf`. */
  lane: string;
  url: string;
  /** The secret that signs. */
  secret: string;
  createdAt: number;
}

export interface Delivery extends NewDelivery {
  state: DeliveryState;
  /** When it is tried next, or, while an attempt is under way, when that is given up; null where it is not. */
  nextAt: number | null;
  /** Attempts in all. */
  attempts: number;
  /** Attempts since it was stored, or sent again by hand: what the waits between them go by. */
  tries: number;
  doneAt: number | null;
}

export interface Attempt {
  n: number;
  at: number;
  endedAt: number | null;
  /** What was connected to. */
  address: string | null;
  status: number | null;
  /** Why it failed. */
  why: string | null;
}

/** What came of an attempt. */
export type AttemptEnd = Pick<Attempt, "address" | "status" | "why"> & { endedAt: number };

/** What becomes of a delivery by it. */
export type Settled = { state: "pending"; nextAt: number } | { state: "delivered" | "failed" };

/** A job's callbacks of one owner to one receiver go one behind the other, a few beside one another. */
export interface Lane {
  owner: string;
  /** Scheme, host and port. */
  origin: string;
}

export function laneOf({ owner, url }: { owner: string; url: string }): string {
  return JSON.stringify([owner, new URL(url).origin]);
}

/** Behind all lanes of the owner of this one, in the order of their bytes. */
export function behindOwner(lane: string): string {
  return `[${JSON.stringify(readLane(lane).owner)},\u{10ffff}`;
}

export function readLane(lane: string): Lane {
  const [owner = "", origin = ""] = JSON.parse(lane) as string[];
  return { owner, origin };
}
