import type { JobState } from "@berth/protocol";
import type { Job } from "../job.ts";
import { newId } from "../../../lib/ids.ts";
import { laneOf, type NewDelivery } from "./delivery.ts";

/** Who is to be told that a job ends so: nobody, for most. */
export function deliveriesOf(
  { id: jobId, owner, callbacks }: Pick<Job, "id" | "owner" | "callbacks">,
  { state, at: createdAt }: { state: JobState; at: number },
): NewDelivery[] {
  if (callbacks === null) return [];
  return callbacks
    .filter(({ on }) => on === undefined || on.some((one) => one === state))
    .map(({ url, secret }) => ({ id: newId(), jobId, lane: laneOf({ owner, url }), url, secret, createdAt }));
}
