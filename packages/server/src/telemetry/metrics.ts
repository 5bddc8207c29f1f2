import type { JobState } from "@berth/protocol";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { LoopDelay } from "./loop-delay.ts";

/**
 * What the server counts. Labels are few by nature: never an id, an owner or a path as it was asked for.
 * What is a state and not an event (jobs now, slots now) is read when somebody asks.
 */
export interface Metrics {
  readonly jobsSubmitted: Counter<"engine">;
  readonly jobsEnded: Counter<"engine" | "state" | "cause">;
  /** Seconds from submit to running. */
  readonly jobWait: Histogram<"engine">;
  /** Seconds from running to the end. */
  readonly jobDuration: Histogram<"engine" | "state">;
  readonly deliveries: Counter<"outcome">;
  readonly httpRequests: Counter<"method" | "route" | "status">;
  readonly httpDuration: Histogram<"method" | "route">;
  readonly errors: Counter<"code">;
  readonly faults: Counter;
  /** Seconds that the event loop stood still, from 50 ms on; by what it stood still for. */
  readonly standstills: Histogram<"operation">;
  /** To look at the event loop's delay wakes the process: not while nothing happens. */
  restLoopDelay(isAtRest: boolean): void;
  /** All of it in the text format of Prometheus. */
  render(facts: Facts): Promise<{ contentType: string; text: string }>;
}

/** The present, as it is read for one answer. */
interface Facts {
  jobs: Readonly<Record<JobState, number>>;
  slots: readonly { engine: string; total: number; busy: number; queued: number }[];
  engines: readonly { engine: string; isReady: boolean }[];
  standby: readonly { engine: string; sandboxes: number; bytes: number | null }[];
  pendingDeliveries: number;
  shipping: readonly { target: string; blocks: number; behindMs: number; fault: object | null }[];
}

const WAIT_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30, 60, 300, 1800, 3600];
const JOB_SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400];
const STANDSTILL_SECONDS = [0.1, 0.25, 0.5, 1, 5, 30, 300];
const HTTP_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30, 60];

export function createMetrics(): Metrics {
  const registry = new Registry();
  // Brings the event loop's delay, memory, garbage collection and open handles.
  collectDefaultMetrics({ register: registry, ...LoopDelay.seldom });
  const loopDelay = new LoopDelay(registry);
  const gauges = createGauges(registry);
  return {
    ...createJobMetrics(registry),
    ...createRequestMetrics(registry),
    restLoopDelay: (isAtRest) => loopDelay.rest(isAtRest),
    async render(facts) {
      showFacts(gauges, facts);
      const text = await registry.metrics();
      loopDelay.beginAnew();
      return { contentType: registry.contentType, text };
    },
  };
}

function createJobMetrics(
  registry: Registry,
): Pick<
  Metrics,
  "jobsSubmitted" | "jobsEnded" | "jobWait" | "jobDuration" | "faults" | "standstills" | "deliveries"
> {
  const registers = [registry];
  return {
    deliveries: new Counter({
      name: "berth_delivery_attempts_total",
      help: "Attempts at telling of the ends of jobs, by what came of them",
      labelNames: ["outcome"],
      registers,
    }),
    jobsSubmitted: new Counter({
      name: "berth_jobs_submitted_total",
      help: "Jobs accepted",
      labelNames: ["engine"],
      registers,
    }),
    jobsEnded: new Counter({
      name: "berth_jobs_ended_total",
      help: "Jobs that reached their terminal state, by cause",
      labelNames: ["engine", "state", "cause"],
      registers,
    }),
    jobWait: new Histogram({
      name: "berth_job_wait_seconds",
      help: "Time from submit to running",
      labelNames: ["engine"],
      buckets: WAIT_SECONDS,
      registers,
    }),
    jobDuration: new Histogram({
      name: "berth_job_duration_seconds",
      help: "Time from running to the end",
      labelNames: ["engine", "state"],
      buckets: JOB_SECONDS,
      registers,
    }),
    standstills: new Histogram({
      name: "berth_event_loop_standstill_seconds",
      help: "Times of more than 50 ms in which the server did nothing but one thing, by that thing",
      labelNames: ["operation"],
      buckets: STANDSTILL_SECONDS,
      registers,
    }),
    faults: new Counter({
      name: "berth_faults_total",
      help: "Failures in the background, each with a line in the log",
      registers,
    }),
  };
}

function createRequestMetrics(registry: Registry): Pick<Metrics, "httpRequests" | "httpDuration" | "errors"> {
  const registers = [registry];
  return {
    httpRequests: new Counter({
      name: "berth_http_requests_total",
      help: "Answered requests, by route as declared",
      labelNames: ["method", "route", "status"],
      registers,
    }),
    httpDuration: new Histogram({
      name: "berth_http_request_duration_seconds",
      help: "Time from a request's headers to the end of its answer; streams last as long as they are read",
      labelNames: ["method", "route"],
      buckets: HTTP_SECONDS,
      registers,
    }),
    errors: new Counter({
      name: "berth_errors_total",
      help: "Errors answered, by code of the catalogue",
      labelNames: ["code"],
      registers,
    }),
  };
}

interface Gauges {
  behindBlocks: Gauge<"target">;
  behindSeconds: Gauge<"target">;
  shippingFails: Gauge<"target">;
  pendingDeliveries: Gauge;
  jobs: Gauge<"state">;
  queue: Gauge<"engine">;
  slots: Gauge<"engine" | "use">;
  ready: Gauge<"engine">;
  sandboxes: Gauge<"engine">;
  sandboxBytes: Gauge<"engine">;
}

function createGauges(registry: Registry): Gauges {
  const registers = [registry];
  return {
    ...createShippingGauges(registers),
    pendingDeliveries: new Gauge({
      name: "berth_deliveries_pending",
      help: "Ends of jobs that somebody is to be told of and was not yet",
      registers,
    }),
    jobs: new Gauge({ name: "berth_jobs", help: "Jobs stored now", labelNames: ["state"], registers }),
    queue: new Gauge({
      name: "berth_queue_length",
      help: "Jobs that wait now",
      labelNames: ["engine"],
      registers,
    }),
    slots: new Gauge({
      name: "berth_slots",
      help: "Places for running jobs now, busy and free",
      labelNames: ["engine", "use"],
      registers,
    }),
    ready: new Gauge({
      name: "berth_engine_ready",
      help: "1 where a job of the server's own has shown that the engine can run jobs, else 0",
      labelNames: ["engine"],
      registers,
    }),
    sandboxes: new Gauge({
      name: "berth_warm_sandboxes",
      help: "Sandboxes that stand ready for the next jobs",
      labelNames: ["engine"],
      registers,
    }),
    sandboxBytes: new Gauge({
      name: "berth_warm_sandboxes_bytes",
      help: "Memory of all processes of the sandboxes that stand ready, what they share with others divided",
      labelNames: ["engine"],
      registers,
    }),
  };
}

type ShippingGauges = Pick<Gauges, "behindBlocks" | "behindSeconds" | "shippingFails">;

function createShippingGauges(registers: Registry[]): ShippingGauges {
  const labelNames = ["target"] as const;
  return {
    behindBlocks: new Gauge({
      name: "berth_audit_behind_blocks",
      help: "Transactions with audit records that were not shipped yet",
      labelNames,
      registers,
    }),
    behindSeconds: new Gauge({
      name: "berth_audit_behind_seconds",
      help: "Age of the oldest audit record that was not shipped yet",
      labelNames,
      registers,
    }),
    shippingFails: new Gauge({
      name: "berth_audit_shipping_fails",
      help: "1 where the last try to ship audit records failed, else 0",
      labelNames,
      registers,
    }),
  };
}

function showFacts(gauges: Gauges, facts: Facts): void {
  const { jobs, queue, slots, ready, sandboxes, sandboxBytes } = gauges;
  for (const [state, count] of Object.entries(facts.jobs)) jobs.set({ state }, count);
  gauges.pendingDeliveries.set(facts.pendingDeliveries);
  for (const { engine, total, busy, queued } of facts.slots) {
    queue.set({ engine }, queued);
    slots.set({ engine, use: "busy" }, busy);
    slots.set({ engine, use: "free" }, total - busy);
  }
  for (const { engine, isReady } of facts.engines) ready.set({ engine }, isReady ? 1 : 0);
  for (const { target, blocks, behindMs, fault } of facts.shipping) {
    gauges.behindBlocks.set({ target }, blocks);
    gauges.behindSeconds.set({ target }, behindMs / 1000);
    gauges.shippingFails.set({ target }, fault === null ? 0 : 1);
  }
  for (const one of facts.standby) {
    sandboxes.set({ engine: one.engine }, one.sandboxes);
    sandboxBytes.set({ engine: one.engine }, one.bytes ?? 0);
  }
}
