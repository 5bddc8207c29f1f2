import type { Cause } from "@berth/protocol";

/** What stands between a queued job and its slot. */
export interface Wait {
  /** Jobs of its owner before it. */
  ahead: number;
  /** Others than its owner who wait for the same slots. */
  others: number;
  busy: number;
  total: number;
  /** The quota of which its owner has all. */
  quota: { used: number; limit: number } | null;
}

/** Why a queued job does not run yet, as of now. */
export function waitCause({ ahead, others, busy, total, quota }: Wait): Cause {
  if (quota !== null) {
    const message = `Its owner runs ${quota.used} of ${quota.limit} jobs that it may run at once; ${ahead} of its own ahead`;
    return { code: "waiting_for_quota", message, evidence: { ...quota, ahead } };
  }
  const slots = `${busy} of ${total} slots are busy`;
  const evidence = { ahead, busySlots: busy, totalSlots: total, ...(others > 0 && { others }) };
  if (ahead === 0 && others === 0)
    return { code: "waiting_for_slot", message: `First in the queue; ${slots}`, evidence };
  const jobs = ahead === 1 ? "1 job" : `${ahead} jobs`;
  const place = ahead === 0 ? "First" : `${jobs} ${ahead === 1 ? "is" : "are"} ahead`;
  const whose = others === 0 ? "" : " among its owner's";
  const beside =
    others === 0
      ? ""
      : `; ${others === 1 ? "1 other owner takes" : `${others} other owners take`} turns with it`;
  return { code: "waiting_for_turn", message: `${place}${whose} in the queue${beside}; ${slots}`, evidence };
}
