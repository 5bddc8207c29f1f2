import { BerthError, operations } from "@berth/protocol";
import type { Context } from "../../context.ts";
import { findJob, type JobRequest } from "../../jobs/find-job.ts";
import type { ShownDelivery } from "./list-deliveries.ts";

export interface ResendRequest extends JobRequest {
  delivery: string;
  /** How many attempts the caller knows of. Default: as many as there were. */
  attempts?: number | undefined;
}

/**
 * Has a delivery tried at once, whatever came of it before, and from the first wait on. What is due already, or was tried since the
 * caller looked, stays as it is. Throws DELIVERY_NOT_FOUND.
 */
export async function resendDelivery(context: Context, request: ResendRequest): Promise<ShownDelivery> {
  const { store, audit, deliveries, now } = context;
  const { permission } = operations.resendDelivery;
  const job = await findJob(context, request, permission);
  const look = async (): Promise<ShownDelivery> => {
    const all = await store.deliveries.ofJob(job.id);
    const found = all.find(({ delivery }) => delivery.id === request.delivery);
    if (found !== undefined) return found;
    const what = `Cannot find delivery "${request.delivery}" of job "${job.id}"`;
    throw new BerthError("DELIVERY_NOT_FOUND", what);
  };
  const { delivery } = await look();
  const about = { owner: job.owner, delivery: delivery.id };
  const record = audit.entry(request.caller, { ...permission, name: job.id, about });
  const { attempts = delivery.attempts } = request;
  const isChange = await store.audited(record).deliveries.resend(delivery.id, { attempts, at: now() });
  if (isChange) deliveries.wake();
  return await look();
}
