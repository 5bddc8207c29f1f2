import type { Check } from "@berth/protocol";
import type { ShippingState } from "../../audit/audit.ts";
import type { Context } from "../context.ts";

/** Whether audit records get to where they are shipped; nothing is said where they are not. */
export async function auditChecks({ audit, now }: Pick<Context, "audit" | "now">): Promise<Check[]> {
  return (await audit.shipping()).map((state) => checkOf(state, now()));
}

/** That long a record may be on its way. */
const WELL_MS = 60_000;

function checkOf({ target, place, blocks, behindMs, tookAt, fault }: ShippingState, now: number): Check {
  const name = `audit ${target}`;
  const waiting = `${blocks} ${blocks === 1 ? "transaction" : "transactions"} of ${spanOf(behindMs)} wait in the database`;
  if (fault !== null) {
    const since = new Date(fault.since).toISOString();
    const fix = `Check that ${place} is reached from here and takes records; nothing is lost meanwhile`;
    return {
      name,
      status: "missing",
      detail: `Nothing gets to ${place} since ${since}: ${fault.why}; ${waiting}`,
      fix,
    };
  }
  if (blocks === 0 || behindMs < WELL_MS)
    return { name, status: "ok", detail: `Every record gets to ${place}`, fix: null };
  if (now - tookAt >= WELL_MS) {
    const stands = `Nothing gets to ${place} since ${new Date(tookAt).toISOString()}, and it says no word of why; ${waiting}`;
    const fix = `Look whether ${place} reads what it is sent, and whether another server ships there; nothing is lost meanwhile`;
    return { name, status: "missing", detail: stands, fix };
  }
  const fix = `It catches up by itself where ${place} takes records faster than they are made, and no other server ships`;
  return { name, status: "warning", detail: `${place} is behind: ${waiting}`, fix };
}

function spanOf(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 2) return `the last ${Math.ceil(ms / 1000)} s`;
  return minutes < 120 ? `the last ${minutes} minutes` : `the last ${Math.floor(minutes / 60)} hours`;
}
