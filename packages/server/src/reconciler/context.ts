import type { Audit } from "../audit/audit.ts";
import type { Quotas } from "../core/queue/quota.ts";
import type { ArtifactStore } from "../artifacts/artifact-store.ts";
import type { Job } from "../core/job/job.ts";
import type { Limits } from "../core/limits.ts";
import type { Readiness } from "../core/readiness.ts";
import type { Engine } from "../engines/engine.ts";
import type { Clock } from "../lib/clock.ts";
import type { LogStore } from "../logs/log-store.ts";
import type { JobSecrets } from "../secrets/job-secrets.ts";
import type { Uploads } from "../uploads/uploads.ts";
import type { Sources } from "../sources/sources.ts";
import type { Store } from "../store/store.ts";
import type { Launchers } from "./walk/launches/launcher.ts";

/** What the reconciler works with; made once in `control-plane.ts`. */
export interface ReconcilerContext {
  store: Store;
  /** Makes the records of what the server does of itself. */
  audit: Pick<Audit, "ofServer">;
  logs: LogStore;
  artifacts: ArtifactStore;
  engines: ReadonlyMap<string, Engine>;
  clock: Clock;
  /** Default: none. */
  quotas?: Quotas;
  /** What the stages before the user's execute. Default: none, where no job has any. */
  launchers?: Launchers;
  /** Default: none, where nobody sends any. */
  uploads?: Uploads;
  /** Where the trees of sources are kept. Default: nowhere. */
  sources?: Sources;
  /** What jobs are given to know. Default: nothing. */
  jobSecrets?: JobSecrets;
  /** Told that deliveries were stored with the end of a job. Default: nobody sends any. */
  deliveriesDue?: () => void;
  /** Told that a run is to be made again, which was stored with its end. Default: nobody makes any. */
  retriesDue?: () => void;
  settings: ReconcilerSettings;
  report: Report;
  /** Hears of each job's artifacts what they take of the disk. */
  artifactsKept?: (bytes: number) => void;
}

interface ReconcilerSettings {
  stopGraceMs: number;
  /** Finished jobs are forgotten at this age, and before it when all of them together hold more than this. */
  keepJobsMs: number;
  keepOutputBytes: number;
  /** Uploads that no job has asked for are forgotten after this. */
  keepUploadsMs?: number;
  /** Bounds of what one job may leave as artifacts. */
  artifactBytes: number;
  artifactFiles: number;
  /** Limits of the jobs of the server's own that try the engines. Default null: none is tried, where nobody asks. */
  probeLimits?: Limits | null;
}

/** Business events and faults, for log lines and counters. */
interface Report {
  jobStarted(job: Job): void;
  jobEnded(job: Job): void;
  /** An engine can run jobs no more, or can again. */
  readiness?(engine: string, now: Readiness): void;
  /** Something failed that nobody else will hear of. */
  fault(what: string, error: unknown): void;
}
