import type { Cause } from "@berth/protocol";

/** Why a queued job does not run yet, as of now. */
export function waitCause(queue: { before: number; busy: number; total: number }): Cause {
  const slots = `${queue.busy} of ${queue.total} slots are busy`;
  const evidence = { ahead: queue.before, busySlots: queue.busy, totalSlots: queue.total };
  if (queue.before === 0) {
    return { code: "waiting_for_slot", message: `First in the queue; ${slots}`, evidence };
  }
  const jobs = queue.before === 1 ? "1 job is" : `${queue.before} jobs are`;
  return { code: "waiting_for_turn", message: `${jobs} ahead in the queue; ${slots}`, evidence };
}
