import { laneOf } from "../../src/core/job/delivery/delivery.ts";
import { newId } from "../../src/lib/ids.ts";
import type { ApiBench } from "./api-bench.ts";

/** How a delivery is sent again; tells the job that it is of. */
export function deliveryWrites(
  call: (request: string, body?: object) => Promise<unknown>,
  api: () => ApiBench,
): { resendDelivery: () => Promise<string> } {
  return {
    async resendDelivery() {
      const { id: jobId } = await api().jobOf("running");
      const url = "http://127.0.0.1:9";
      const createdAt = Date.now() + 3_600_000;
      const id = newId();
      const one = { id, jobId, lane: laneOf({ owner: "ann", url }), url, secret: "-", createdAt };
      const { jobs } = api().context.store;
      await jobs.transition(jobId, "succeeded", { at: createdAt, deliveries: [one] });
      await call(`POST /api/v1/jobs/${jobId}/deliveries/${id}/resend`, {});
      return jobId;
    },
  };
}
