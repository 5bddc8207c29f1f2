import { operations } from "@berth/protocol";
import type { Attempt, Delivery } from "../../../core/job/delivery/delivery.ts";
import type { Context } from "../../context.ts";
import { findJob, type JobRequest } from "../../jobs/find-job.ts";

export interface ShownDelivery {
  delivery: Delivery;
  /** The last ones, oldest first. */
  attempts: readonly Attempt[];
}

/** What was sent to those who are told of a job's end, and what came of it; empty until it has ended. */
export async function listDeliveries(context: Context, request: JobRequest): Promise<ShownDelivery[]> {
  const job = await findJob(context, request, operations.listDeliveries.permission);
  return job.callbacks === null ? [] : await context.store.deliveries.ofJob(job.id);
}
