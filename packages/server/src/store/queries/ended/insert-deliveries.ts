import type { NewDelivery } from "../../../core/job/delivery/delivery.ts";
import type { Database, Step } from "../database.ts";
import { toColumn } from "../words/exact-text.ts";

/** For the write that ends a job: due at once. */
export function insertDeliveries({ build }: Database, deliveries: readonly NewDelivery[]): Step[] {
  return deliveries.map(({ id, jobId, lane, url, secret, createdAt }) => ({
    query: build
      .insertInto("delivery")
      .values({
        id,
        job_id: jobId,
        lane: toColumn(lane),
        url: toColumn(url),
        secret: toColumn(secret),
        state: "pending",
        next_at: createdAt,
        put_off_at: createdAt,
        attempts: 0,
        tries: 0,
        created_at: createdAt,
        done_at: null,
      })
      .compile(),
  }));
}
