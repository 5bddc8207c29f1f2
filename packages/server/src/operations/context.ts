import type { ArtifactStore } from "../artifacts/artifact-store.ts";
import type { Audit } from "../audit/audit.ts";
import type { Access } from "../auth/access.ts";
import type { Locks } from "../auth/locks.ts";
import type { Accounts } from "../auth/login/accounts.ts";
import type { CookieSessions } from "../auth/login/cookie-sessions.ts";
import type { Groups } from "../auth/login/groups.ts";
import type { ShownSessions } from "../auth/login/shown-sessions.ts";
import type { SignIn } from "../auth/login/sign-in.ts";
import type { Passwords } from "../auth/passwords/passwords.ts";
import type { CodeLogins } from "../auth/providers/oidc/code-logins.ts";
import type { DeviceLogins } from "../auth/providers/oidc/device-logins.ts";
import type { Roles } from "../auth/roles.ts";
import type { ShownTokens } from "../auth/shown-tokens.ts";
import type { Bounds } from "../core/access/bounds.ts";
import type { AuditEntry } from "../core/audit/record.ts";
import type { Caller } from "../core/caller/caller.ts";
import type { Job } from "../core/job/job.ts";
import type { NetworkGrant } from "../core/network/profile.ts";
import type { NetworkPolicy } from "../core/network/network-policy.ts";
import type { LimitDefaults } from "../core/limits.ts";
import type { Quotas } from "../core/queue/quota.ts";
import type { Shortage } from "../core/queue/running-use.ts";
import type { SlotFigures } from "../core/queue/slot-figures.ts";
import type { Readiness } from "../core/readiness.ts";
import type { Engine } from "../engines/engine.ts";
import type { BootMoment } from "../lib/time/boot-moment.ts";
import type { HeldSignal } from "../lib/signals.ts";
import type { Turns } from "../lib/turns/turns.ts";
import type { LogStore } from "../logs/log-store.ts";
import type { Pki } from "../pki/open-pki.ts";
import type { JobSecrets } from "../secrets/job-secrets.ts";
import type { Secrets } from "../secrets/secrets.ts";
import type { Sources } from "../sources/sources.ts";
import type { Store } from "../store/store.ts";
import type { Uploads } from "../uploads/uploads.ts";
import type { Events } from "../telemetry/events.ts";
import type { SeenKeys } from "./jobs/submit/seen-keys.ts";
import type { InputValidator } from "./tasks/validate/validator.ts";

/** What operations work with; made once in `control-plane.ts`. */
export interface Context {
  store: Store;
  /** Makes the records of what happens. Every write stores its own with it. */
  audit: Audit;
  logs: LogStore;
  artifacts: ArtifactStore;
  engines: ReadonlyMap<string, Engine>;
  /** Certificates of clients; null when the server speaks no gRPC. */
  pki: Pki | null;
  policy: Policy;
  /** Decides what a caller may do; every operation asks it. */
  access: Access;
  /** What stands above roles. Operations decide nothing by it: they tell of it. */
  bounds: Bounds;
  /** Ends what was opened by a right that is taken back. */
  rights: { hold(caller: Caller): HeldSignal };
  /** Principals that are shut out of every door. */
  locks: Locks;
  /** The roles, and who has which. Operations decide nothing by it: they show and change it. */
  roles: Roles;
  /** The API tokens that callers show. */
  tokens: ShownTokens;
  /** The logins that callers show. */
  sessions: ShownSessions;
  /** The same of browsers. */
  cookies: CookieSessions;
  /** Who can be somebody here. */
  accounts: Accounts;
  /** Who is in which group. */
  groups: Groups;
  /** Where people prove who they are. */
  signIn: SignIn;
  passwords: Passwords;
  /** Logins that people go on with elsewhere. */
  deviceLogins: DeviceLogins;
  /** The same that come back in the browser that asked. */
  codeLogins: CodeLogins;
  scheduler: Scheduler;
  /** Comes to schedules when they are due. */
  schedules: { changed(): void };
  /** Sends what jobs' ends have stored, but to addresses that are closed. */
  deliveries: { wake(): void; whyRefused(url: string): string | null };
  /** Contents that callers have sent for their jobs. */
  uploads: Uploads;
  /** What is left of the data disk once this is spent is for the ends of jobs. */
  diskReserve: { isSpent(): boolean };
  /** What jobs are given to know. */
  secrets: Secrets;
  /** What each job was given of it. */
  jobSecrets: JobSecrets;
  /** What bounds the jobs of whom. */
  quotas: Quotas;
  /** Trees of the commits that tasks are of. */
  sources: Sources;
  /** Whether what tasks are given fits their schemas. */
  inputs: Pick<InputValidator, "demandSchema" | "check">;
  /** Who may use the event loop next. */
  turns: Turns;
  /** The idempotency keys that callers have sent. */
  seenKeys: SeenKeys;
  events: Pick<Events, "jobSubmitted" | "accessChanged">;
  now: () => number;
  /** The same moment by the clock that nobody sets. */
  sinceBoot: () => BootMoment;
}

/** Who may come in, and what he may. */
export type Gates = Pick<
  Context,
  | "access"
  | "bounds"
  | "rights"
  | "locks"
  | "roles"
  | "tokens"
  | "sessions"
  | "cookies"
  | "accounts"
  | "groups"
  | "signIn"
  | "passwords"
  | "deviceLogins"
  | "codeLogins"
>;

/** What of a job quotas count beside its number. */
type LimitsOfQuota = { limits: Pick<Job["limits"], "cpu" | "memory"> };

/** The operator's settings that decide what a job may ask for. */
interface Policy {
  defaultEngine: string;
  /** Engines that everybody may use; `*` for all. Default: all. */
  enginesAllowed?: readonly string[];
  limits: LimitDefaults;
  /** `strict` refuses a job whose own limit cannot be enforced; `best-effort` notes it on the job. */
  enforcement: "strict" | "best-effort";
  stopGraceMs: number;
  network: NetworkPolicy;
  /** Most jobs that may wait in the queue. */
  queueLength: number;
}

/** What operations may ask of the reconciler. Facts come back through the store only. */
export interface Scheduler {
  /** Takes a free slot for a job that is about to be stored, when no other waits before it. */
  reserve(
    job: Pick<Job, "id" | "owner" | "engine" | "priority"> & LimitsOfQuota & { task?: Job["task"] },
  ): boolean;
  /** The job is stored as one that waits until there is room in its task. */
  hold(job: Pick<Job, "id" | "engine" | "task">): void;
  /** Jobs that wait so. */
  held(): number;
  /**
   * Makes ready what the start of a job takes that has a slot and is being stored. Nothing of it runs before `wake` says
   * that it is stored; after `release` nothing of it is left.
   */
  prepare(job: Job, network: NetworkGrant): void;
  /** Gives a reserved slot back when the job could not be stored. */
  release(jobId: string): void;
  /** The job has changed: look at it. */
  wake(jobId: string): void;
  /** Removes a finished job with everything it left. False when it is not there or has not ended. */
  forget(job: { id: string; handle: string | null; engine: string }, audit: AuditEntry): Promise<boolean>;
  slots(engine: string): SlotFigures;
  /** What of its owner's quotas keeps a queued job waiting, or the one of its owner that is next; null for nothing of them. */
  shortage(job: Pick<Job, "id" | "owner" | "engine"> & LimitsOfQuota): Shortage | null;
  /** Jobs of this owner that wait for a slot of this engine. */
  waitingOf(engine: string, owner: string): number;
  /** Whether the engine can run jobs, as a job of the server's own has shown. Never waits. */
  readiness(engine: string): Readiness;
  /** Calls with the readiness as of now, and whenever it changes. Returns the way to stop. */
  watchReadiness(engine: string, listener: (now: Readiness) => void): () => void;
}
