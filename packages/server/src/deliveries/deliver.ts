import type { Audit } from "../audit/audit.ts";
import { type Delivery, readLane, type Settled } from "../core/job/delivery/delivery.ts";
import { messageOf } from "../core/job/delivery/message-of.ts";
import { nextTryMs } from "../core/job/delivery/next-try.ts";
import type { Clock } from "../lib/clock.ts";
import { crashPoint } from "../lib/crash-point.ts";
import { retry } from "../lib/retry.ts";
import type { Reach } from "../outbound/reach.ts";
import type { Secrets } from "../secrets/secrets.ts";
import type { Store } from "../store/store.ts";
import { attempt, type Outcome } from "./attempt.ts";

export interface DeliverParts {
  store: Pick<Store, "jobs" | "deliveries" | "audited">;
  audit: Pick<Audit, "ofServer">;
  secrets: Pick<Secrets, "pin">;
  clock: Clock;
  reach: Reach;
  /** Why nothing is sent of this owner's jobs now; null where it is. */
  whyHeld: (owner: string) => string | null;
  /** Told how each attempt went. */
  tried: (kind: Outcome["kind"]) => void;
}

export interface DeliverTimes {
  timeoutMs: number;
  /** After this somebody else may try. */
  leaseMs: number;
}

/** Claims the next attempt at a delivery, makes it, and stores what came of it. Does nothing where somebody else was faster. */
export async function deliver(
  parts: DeliverParts & DeliverTimes,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<void> {
  const { store, clock, timeoutMs, leaseMs } = parts;
  const key = { id: delivery.id, attempt: delivery.attempts + 1 };
  const at = clock.now();
  if (!(await store.deliveries.claim(key, { at, until: at + leaseMs }))) return;
  crashPoint("delivery-claimed");
  const outcome = await outcomeOf(parts, delivery, { signal, timeoutMs });
  if (outcome === null) return;
  crashPoint("delivery-sent");
  const settled = settledBy(outcome, { tries: delivery.tries + 1, isCut: signal.aborted });
  const record = recordOf(parts, { delivery, attempt: key.attempt, outcome, settled });
  const { deliveries } = record === null ? store : store.audited(record);
  const { kind: _, askedMs: __, ...end } = outcome;
  // Also while the server goes down: the next one need not wait for what was cut.
  const patience = { signal: AbortSignal.timeout(leaseMs), attempts: signal.aborted ? 1 : Infinity, clock };
  await retry(() => deliveries.settle(key, end, settled), patience);
  crashPoint("delivery-noted");
  parts.tried(outcome.kind);
}

/** null where its job is gone, and itself with it. */
async function outcomeOf(
  parts: DeliverParts,
  delivery: Delivery,
  { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
): Promise<Outcome | null> {
  const { store, secrets, clock, reach, whyHeld } = parts;
  const job = await store.jobs.get(delivery.jobId);
  if (job === null) return null;
  const now = (): number => clock.now();
  const why = whyHeld(job.owner);
  if (why !== null)
    return { kind: "failed", endedAt: now(), address: null, status: null, askedMs: null, why };
  const message = messageOf(job);
  return await attempt(delivery, { message, secrets, reach, now, timeoutMs, signal });
}

function settledBy(
  { kind, endedAt, askedMs }: Outcome,
  { tries, isCut }: { tries: number; isCut: boolean },
): Settled {
  if (kind === "done") return { state: "delivered" };
  if (kind === "gone") return { state: "failed" };
  // The server goes down: the next one tries at once.
  const waitMs = isCut ? 0 : nextTryMs(tries, { askedMs });
  return waitMs === null ? { state: "failed" } : { state: "pending", nextAt: endedAt + waitMs };
}

/** What is known for good: how it ended, and each address that was refused. What failed and is tried again stands in the log of the job. */
function recordOf(
  { audit }: Pick<DeliverParts, "audit">,
  {
    delivery: { id, jobId, lane },
    attempt: n,
    outcome: { kind, why, address },
    settled,
  }: { delivery: Delivery; attempt: number; outcome: Outcome; settled: Settled },
): ReturnType<Audit["ofServer"]> | null {
  if (kind !== "refused" && settled.state === "pending") return null;
  const { owner, origin: receiver } = readLane(lane);
  const outcome = kind === "refused" ? "denied" : settled.state === "delivered" ? "done" : "failed";
  const about = { owner, delivery: id, receiver, attempt: n, address, why, state: settled.state };
  return audit.ofServer({ verb: "deliver", resource: "jobs", name: jobId, outcome, about });
}
