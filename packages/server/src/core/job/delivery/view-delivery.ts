import type { Delivery as DeliveryBody } from "@berth/protocol";
import { type Attempt, type Delivery, readLane } from "./delivery.ts";

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

/** A delivery as the contract shows it: of where it goes no more than the host, for the rest may be as good as a password. */
export function viewDelivery(
  { id, lane, state, createdAt, nextAt, doneAt }: Delivery,
  attempts: readonly Attempt[],
): DeliveryBody {
  return {
    id,
    receiver: readLane(lane).origin,
    state,
    createdAt: iso(createdAt),
    nextAt: isoOrNull(nextAt),
    doneAt: isoOrNull(doneAt),
    attempts: attempts.map(({ at, endedAt, ...one }) => ({
      ...one,
      at: iso(at),
      ms: endedAt === null ? null : Math.max(0, endedAt - at),
    })),
  };
}
