import type { DeliveryState } from "@berth/protocol";

export interface DeliveryTable {
  id: string;
  job_id: string;
  lane: string;
  url: string;
  secret: string;
  state: DeliveryState;
  next_at: number | null;
  /** When `next_at` was written: in the future where the clock was set back since. */
  put_off_at: number | null;
  attempts: number;
  tries: number;
  created_at: number;
  done_at: number | null;
}

export interface DeliveryAttemptTable {
  delivery_id: string;
  n: number;
  at: number;
  /** null while it is under way, and where nobody knows what came of it. */
  ended_at: number | null;
  address: string | null;
  status: number | null;
  why: string | null;
}
