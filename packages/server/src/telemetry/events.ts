import type { ErrorCode } from "@berth/protocol";
import type { Caller } from "../core/caller/caller.ts";
import type { Job } from "../core/job/job.ts";
import type { Readiness } from "../core/readiness.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import type { Logger } from "./logger.ts";
import type { Standstill } from "./loop-watch.ts";
import type { Metrics } from "./metrics.ts";
import { StandstillLog } from "./standstill-log.ts";

/** What happens in the business of this server: each function writes the log line and counts, together. */
export interface Events extends Disposable {
  jobSubmitted(job: Job, caller: Caller): void;
  /** Somebody may come in, or may do something, who might not before; or the other way round. */
  accessChanged(change: AccessChange, caller: Caller): void;
  jobStarted(job: Job): void;
  /** The job has reached its terminal state. */
  jobEnded(job: Job): void;
  /** An attempt was made at telling of the end of a job. */
  deliveryTried(outcome: DeliveryOutcome): void;
  /** An engine can run jobs no more, or can again: known from a job of the server's own. */
  readiness(engine: string, now: Readiness): void;
  /** An error was answered; `error` is what really happened, which the client is not told. */
  requestFailed(failure: FailedRequest): void;
  /** The server did nothing but one thing for more than 50 ms. */
  loopStoodStill(standstill: Standstill): void;
  /** Something failed in the background, of which nobody else will hear. */
  fault(what: string, error: unknown): void;
}

/** `id` is that of the binding or of the token: a field of that name would be taken for the secret. */
type AccessChange =
  | { what: "Role given"; id: string; role: string; user?: string; group?: string }
  | { what: "Role made" | "Role changed" | "Role deleted"; role: string }
  | { what: `Group ${"made" | "deleted"}`; group: string }
  | { what: `Member ${"added" | "removed"}`; group: string; user: string }
  | { what: "Role taken back"; id: string }
  | { what: "Token made"; id: string; user: string }
  | { what: "Token revoked"; id: string; user: string }
  | { what: `Certificate ${"issued" | "renewed" | "revoked"}`; serial: string; user: string }
  | { what: `Principal ${"locked" | "unlocked"}`; user: string }
  | ({ what: "Quota set"; user?: string; group?: string } & Record<
      "jobs" | "jobsPerHour" | "cpuMilli" | "memory" | "storedBytes",
      number | null
    >)
  | { what: "Quota deleted"; user?: string; group?: string }
  | { what: "Secret made" | "Secret changed" | "Secret deleted"; name: string }
  | { what: "Master key of secrets changed"; id: string }
  | { what: "Logged in"; id: string; user: string; provider: string }
  | { what: "Logged out" | "Session ended"; id: string; user: string }
  | { what: "User made"; user: string; roles: readonly string[] }
  | { what: UserChange; user: string; provider?: string };

type UserChange =
  | "User changed"
  | "User deleted"
  | "User restored"
  | "User locked"
  | "User unlocked"
  | "Password changed"
  | "Identity linked"
  | "Identity unlinked";

/** `done`: taken. `gone`: refused for good. `refused`: nothing was sent, for it leads nowhere that may be reached. */
type DeliveryOutcome = "done" | "gone" | "refused" | "failed";

interface Reports {
  logger: Logger;
  metrics: Metrics;
  clock?: Clock;
}

export interface FailedRequest {
  requestId: string;
  method: string;
  /** As declared, never as asked for. */
  route: string;
  status: number;
  code: ErrorCode;
  error: unknown;
}

/** Disposing writes what waits to be said with others of its kind. */
export function createEvents({ logger, metrics, clock = systemClock }: Reports): Events {
  const standstills = new StandstillLog(logger, clock);
  return {
    jobSubmitted(job, caller) {
      metrics.jobsSubmitted.inc({ engine: job.engine });
      logger.debug({ job: job.id, owner: job.owner, engine: job.engine, ...howOf(caller) }, "Job submitted");
    },
    accessChanged({ what, ...change }, caller) {
      logger.info({ ...change, by: caller.principal.name, ...howOf(caller) }, what);
    },
    jobStarted(job) {
      const waitMs = (job.startedAt ?? job.createdAt) - job.createdAt;
      metrics.jobWait.observe({ engine: job.engine }, waitMs / 1000);
      logger.debug({ job: job.id, engine: job.engine, waitMs }, "Job started");
    },
    jobEnded(job) {
      const { engine, state } = job;
      const cause = job.cause?.code ?? "none";
      metrics.jobsEnded.inc({ engine, state, cause });
      if (job.startedAt !== null && job.endedAt !== null) {
        metrics.jobDuration.observe({ engine, state }, (job.endedAt - job.startedAt) / 1000);
      }
      // What is not the user's fault is the operator's business.
      const level = cause === "engine_failed" || cause === "lost" ? "warn" : "info";
      logger[level]({ job: job.id, owner: job.owner, state, cause, exitCode: job.exitCode }, "Job ended");
    },
    deliveryTried(outcome) {
      metrics.deliveries.inc({ outcome });
    },
    readiness(engine, now) {
      if (now.ready) logger.info({ engine }, "Ready: a job of the server's own has run");
      else logger.warn({ engine, reason: now.reason }, "Not ready: jobs cannot be run");
    },
    requestFailed({ requestId, method, route, status, code, error }) {
      metrics.errors.inc({ code });
      const fields = { requestId, method, route, status, code };
      if (status >= 500) logger.error({ ...fields, err: error }, "Request failed");
      else logger.debug(fields, "Request refused");
    },
    loopStoodStill(standstill) {
      metrics.standstills.observe({ operation: standstill.operation }, standstill.ms / 1000);
      standstills.add(standstill);
    },
    fault(what, error) {
      metrics.faults.inc();
      logger.error({ err: error }, what);
    },
    [Symbol.dispose]: () => standstills[Symbol.dispose](),
  };
}

function howOf({ door, credential, address, requestId }: Caller): Record<string, string | null> {
  return { door, credential: `${credential.kind} ${credential.id}`, address, requestId };
}
