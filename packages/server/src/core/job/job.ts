import type { Callback, Cause, ContactCounts, EventType, Isolation, JobState, Usage } from "@berth/protocol";
import type { BootMoment } from "../../lib/time/boot-moment.ts";
import type { KeptSpec } from "./kept-spec.ts";
import type { Limits } from "../limits.ts";
import type { EventStage } from "../stages/stage.ts";
import type { Retry } from "../task/retry/retries.ts";
import type { Source } from "../task/source.ts";

/** A job as the server holds it. Times are epoch milliseconds; `api` turns it into the shape of the contract. */
export interface Job {
  id: string;
  owner: string;
  name: string | null;
  labels: Record<string, string>;
  state: JobState;
  cause: Cause | null;
  exitCode: number | null;
  signal: string | null;
  createdAt: number;
  /** The same by the clock that nobody sets; null when it was not noted. */
  submittedSinceBoot: BootMoment | null;
  startedAt: number | null;
  endedAt: number | null;
  deadlineAt: number | null;
  usage: Usage;
  isolation: Isolation | null;
  engine: string;
  /** Among its owner's jobs that wait: the higher first. */
  priority: number;
  /** What it may reach; null for nothing. */
  network: GrantedNetwork | null;
  /** What it reached and was refused, as counts; null where there is nothing to tell. */
  contacts: ContactCounts | null;
  /** The task that it is a run of; null for none. */
  task: TaskOfJob | null;
  /** Where its code comes from; null where it is in what it says. */
  source: Source | null;
  /** A short name that no other job has, of runs of tasks alone: the task's, and a few letters. */
  alias: string | null;
  /** Who is told of its end, of runs of tasks alone; null for nobody. */
  callbacks: readonly Callback[] | null;
  /** Where it stands among runs that are made again; null where it is the only one. */
  retry: Retry | null;
  /** What the engine needs to find the workload again; versioned by the engine; stored before the start. */
  handle: string | null;
  /** The JSON document that it left, as text: what parses it rounds its numbers. null when it left none. */
  resultJson: string | null;
  spec: KeptSpec;
  limits: Limits;
  /** Stages before the one that runs the user's code, which have rows of their own; 0 for a plain command. */
  stagesBefore: number;
  /** Set when somebody asked for the stop; the reconciler acts on it, also after a restart. */
  stop: StopRequest | null;
}

/** A network profile as it was when the job was submitted. */
interface GrantedNetwork {
  name: string;
  /** By which the store knows what it opened then. */
  digest: string;
  /** Whether what it reaches is recorded too, and not only what it is refused. */
  observe: boolean;
}

/** Which versions a job was made from. */
export interface TaskOfJob {
  name: string;
  version: number;
  runnerVersion: number;
  /** Of a task with a bound on its runs: how many there may be at once, and whether this one waits until there is room. */
  room?: { most: number; waits: boolean };
}

/** Why and how a job is being stopped. The first request wins and becomes the job's cause. */
export interface StopRequest {
  cause: Cause;
  graceMs: number;
  requestedAt: number;
  /** The same by the clock that nobody sets, where it was noted. */
  requestedSinceBoot?: BootMoment;
}

export interface JobEvent {
  seq: number;
  jobId: string;
  type: EventType;
  at: number;
  cause: Cause | null;
  exitCode: number | null;
  deadlineAt: number | null;
  /** The stage that it is about; null for a job of one stage. */
  stage: EventStage | null;
}

/** Fields that change together with a state. Fields left out stay as they are. */
export type JobChange = Partial<
  Pick<
    Job,
    | "cause"
    | "exitCode"
    | "signal"
    | "startedAt"
    | "endedAt"
    | "deadlineAt"
    | "usage"
    | "isolation"
    | "resultJson"
    | "source"
    | "retry"
    | "stop"
    | "limits"
    | "contacts"
  >
>;
