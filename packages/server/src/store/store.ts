import type { JobState, NetworkSpec, StageState } from "@berth/protocol";
import type { AuditEntry } from "../core/audit/record.ts";
import type { Binding, Rule } from "../core/access/role.ts";
import type { Job, JobChange, JobEvent } from "../core/job/job.ts";
import type { DefinitionStore } from "../core/task/definition-store.ts";
import type { NewDelivery } from "../core/job/delivery/delivery.ts";
import type { DeliveryStore } from "../core/job/delivery/delivery-store.ts";
import type { Contact } from "../core/network/contact.ts";
import type { NetworkRules } from "../core/network/profile.ts";
import type { Contents } from "../core/input/read-spec.ts";
import type { StoredQuota, Subject } from "../core/queue/subject.ts";
import type { EventStage, Stage, StageChange } from "../core/stages/stage.ts";
import type { Fence } from "../lib/time/fence.ts";
import type { AuditStore, ShippingStore } from "./audit-store.ts";
import type { DatabaseReport } from "./database-report.ts";
import type { AccountStore, GroupStore, RoleStore } from "./account-store.ts";
import type { JobSecret, SecretStore } from "./secret-store.ts";
import type { DueClaim, ScheduleStore } from "../core/task/schedules.ts";
import type { RetryClaim, RetryStore } from "../core/task/retry/retries.ts";
import type { SignedMessage } from "../core/task/webhook-signature.ts";
import type { SessionStore } from "./session-store.ts";
import type { AuthorityStore, CertificateStore, LockStore } from "./certificate-store.ts";

/**
 * What the control plane wants and knows, durably. Every promise of a write resolves only after the
 * change is on disk. Implemented by `sqlite/` and `postgres/`; proven by test/conformance/store.ts.
 */
export interface Store extends AsyncDisposable {
  readonly jobs: JobStore;
  readonly stages: StageStore;
  readonly events: EventStore;
  readonly accounts: AccountStore;
  readonly groups: GroupStore;
  readonly roles: RoleStore;
  readonly sessions: SessionStore;
  readonly tokens: TokenStore;
  readonly certificates: CertificateStore;
  readonly authorities: AuthorityStore;
  readonly locks: LockStore;
  readonly bindings: BindingStore;
  readonly uploads: UploadStore;
  readonly networks: NetworkStore;
  readonly secrets: SecretStore;
  /** Runners, tasks and schedules. */
  readonly definitions: DefinitionStore;
  readonly schedules: ScheduleStore;
  readonly deliveries: DeliveryStore;
  readonly retries: RetryStore;
  readonly audit: AuditStore;
  readonly shipping: ShippingStore;
  /** The same nouns, but each write of them stores this record too, or neither of the two. For one write. */
  audited(entry: AuditEntry): AuditedStore;
  /**
   * Several writes with a record each, all or nothing. Each part is given `audited`, of which it asks for one write, and one
   * only. Says what each part resolved with; or which of them could not be, and what that resolved with: then nothing is written.
   */
  together<Said>(
    parts: readonly ((audited: (entry: AuditEntry) => AuditedStore) => Promise<Said>)[],
  ): Promise<{ said: Said[] } | { failed: number; said: Said }>;
  readonly quotas: QuotaStore;
  /** Calls back with a job's id after each committed change of it: a hint to read again. Returns the way to stop. */
  subscribe(jobId: string, listener: () => void): () => void;
  /**
   * Calls back after certificates, locks or bindings were changed otherwise than through this store, by another process or by hand,
   * or may have been while nobody could say so. Returns the way to stop.
   */
  subscribeAccess(listener: () => void): () => void;
  /** Throws when the database cannot be read or written. */
  ping(): Promise<void>;
  /** Asks the database for what it says of itself. Never throws: what fails is told. */
  inspect(): Promise<DatabaseReport>;
  /**
   * Resolves while this server alone has the database and its lease holds, so that it may act on what it says; waits a
   * moment where a lost connection keeps it from knowing. Throws DATABASE_UNAVAILABLE, DATABASE_IN_USE.
   */
  owned(): Promise<void>;
  /**
   * Shut while another server may have the database without this one knowing: then it shows nobody anything. Opens by itself once the
   * database answers again.
   */
  readonly fence: Pick<Fence, "look" | "onShut">;
  /** The server is going down: from now on nothing waits long for a database that is lost. */
  closing(): void;
  /** Aborts when another server has taken the database over: this one must stop. */
  readonly lost: AbortSignal;
}

/** What is written through `audited`. */
export type AuditedStore = Pick<
  Store,
  | "events"
  | "accounts"
  | "groups"
  | "roles"
  | "sessions"
  | "tokens"
  | "certificates"
  | "authorities"
  | "locks"
  | "bindings"
  | "uploads"
  | "networks"
  | "secrets"
  | "definitions"
  | "schedules"
  | "deliveries"
  | "retries"
  | "quotas"
>;

/** What bounds the jobs of whom: one for each name of a user, and of a group. */
export interface QuotaStore {
  /** Those of users before those of groups, by name. */
  list(): Promise<StoredQuota[]>;
  /** In place of the one that is there. */
  set(quota: StoredQuota): Promise<void>;
  /** False where there is none. */
  delete(subject: Subject): Promise<boolean>;
  /** Bytes that the jobs of these have left, and that their uploads take. Reads no job. */
  storedBytes(owners: readonly string[]): Promise<number>;
}

export interface JobStore {
  /**
   * Stores a job in its first state with its first event and its inputs, all or nothing.
   * With an idempotency key (scoped to the owner) a second call answers what the first stored.
   */
  insert(job: NewJob): Promise<Inserted>;
  get(id: string): Promise<Job | null>;
  /** The run of a task that has this alias. */
  byAlias(alias: string): Promise<Job | null>;
  /** Of a job only its state: its spec may be megabytes. null when it is gone. */
  state(id: string): Promise<JobState | null>;
  /**
   * Newest first: by creation time, then id. `next` is the cursor of the following page, null at the end; a page with
   * very large specs or results ends before its limit. `characters` is how large they are. Throws CURSOR_INVALID when the
   * cursor is not one of `next`.
   */
  list(filter: JobFilter): Promise<JobPage>;
  /** Jobs whose name is this text, or whose id begins with it; newest first. */
  find(reference: JobReference): Promise<Job[]>;
  /**
   * The one place that writes a state: moves the job to `to` when `core/job/transitions` allows it from where it is
   * now, and records the event. With `from` only from that state. null when it does not (the job is gone, or somebody
   * was faster, or another server has claimed it). What becomes `preparing` is claimed by this server. What becomes `running` at `startedAt` gets its deadline from its run timeout as that is by then, unless
   * the change names one. `passed` is a state that it went through since and that was not recorded yet: its event is
   * recorded before, where the job may have been in it.
   */
  transition(id: string, to: JobState, change: TransitionChange): Promise<Job | null>;
  /**
   * Changes fields of a job that has not ended. null when it has ended or is gone.
   * `stop` is only written where none is: the first request wins, and the answer shows it.
   */
  update(id: string, change: JobChange & { audit?: AuditEntry }): Promise<Job | null>;
  /** Adds to the run timeout, and to the deadline where there is one; records it. null when it has ended or is gone. */
  extend(id: string, extension: { byMs: number; at: number; audit?: AuditEntry }): Promise<Job | null>;
  /** All jobs that have not ended and are not another server's, oldest first. */
  unfinished(): Promise<Unfinished[]>;
  /** Jobs that a server with another data folder had begun, which is gone: nothing of them is here. Oldest first. */
  leftElsewhere(): Promise<string[]>;
  /** Gives the first run that waits for room in this task what there is; null where none waits, or it is full. */
  admit(task: string): Promise<AdmittedRun | null>;
  /** Runs of its task that wait for room before this one. */
  aheadInTask(job: { id: string; task: string }): Promise<number>;
  /** Runs of its task that came before this one and have not ended, oldest first. */
  runsBefore(job: { id: string; task: string }): Promise<string[]>;
  /**
   * Of each owner with jobs that are queued for this engine the first: of the highest priority, then the one whose id was made
   * first. By owner, in an order of the store's own, from behind `after` on. Takes no longer the more wait.
   */
  queuedHeads(
    engine: string,
    page: { after: string | null; most: number },
  ): Promise<Pick<Job, "id" | "owner" | "priority">[]>;
  /** The first queued jobs of one owner, in that order. */
  queuedOf(engine: string, page: { owner: string; most: number }): Promise<Pick<Job, "id" | "priority">[]>;
  /** What `insert` would answer to a key that is taken; null where it is not. */
  earlier(owner: string, idempotency: NonNullable<NewJob["idempotency"]>): Promise<Earlier | null>;
  /** When the last jobs of this owner came, latest first. */
  lastCame(owner: string, page: { since: number; most: number }): Promise<number[]>;
  /** Queued jobs of its owner that stand before this one. */
  aheadOf(job: Pick<Job, "id" | "engine" | "owner" | "priority">): Promise<number>;
  /** The idempotency keys of the newest jobs that came with one, newest first. */
  latestKeys(most: number): Promise<{ owner: string; key: string }[]>;
  inputs(id: string): Promise<JobInputs>;
  /** Forgets the inputs of a job that has started: they lie in its folder now. Idempotent. */
  dropInputs(id: string): Promise<void>;
  /** The same of all jobs that have ended and are not run again: of those whose server went down between the record and this. */
  dropInputsOfEnded(): Promise<void>;
  /** Forgets a finished job and its events. False when it is not there or has not ended. */
  delete(id: string, audit?: AuditEntry): Promise<boolean>;
  /** Finished jobs that ended before `endedBefore` and are not to be run again, oldest first, from behind `after` on. For retention. */
  finished(options: {
    endedBefore: number;
    limit: number;
    after?: Pick<FinishedJob, "id" | "endedAt"> | null;
  }): Promise<FinishedJob[]>;
  counts(): Promise<Record<JobState, number>>;
}

/** The stages of jobs that come before the user's; that one is the job itself. They come and go with their job. */
export interface StageStore {
  /** In order. */
  list(jobId: string): Promise<Stage[]>;
  /** null where no job has such a stage before the user's. */
  get(id: string): Promise<Stage | null>;
  /**
   * The one place that writes a stage's state: moves it to `to` when `core/stages/stage-transitions` allows it from where
   * it is now, and records that among the job's events. null when it does not, or the job is gone.
   */
  transition(stage: Stage, to: StageState, change: StageChange & { at: number }): Promise<Stage | null>;
}

export type AdmittedRun = Pick<Job, "id" | "owner" | "engine" | "limits">;

/** `task` is null for what is no run of a task; `waits`: for room in it. */
export type Unfinished = AdmittedRun &
  Pick<Job, "state" | "source"> & { task: string | null; waits: boolean };

export interface JobPage {
  items: Job[];
  next: string | null;
  characters: number;
}

export interface FinishedJob {
  id: string;
  owner: string;
  endedAt: number;
  handle: string | null;
  engine: string;
  /** What the job itself takes in the database, about: its spec, its result. */
  recordBytes: number;
}

export interface PassedState {
  state: "running";
  at: number;
  /** As of an event. */
  stage?: EventStage;
}

export type TransitionChange = JobChange & {
  at: number;
  /** What is recorded of it; stored with the state, or neither of the two. */
  audit?: AuditEntry;
  from?: JobState;
  passed?: PassedState | null;
  /** What it reached and was refused, in an order to be kept: stored with the state. Their counts are the job's own. */
  contactRows?: readonly Contact[];
  /** Who is told that the job ends by it: stored with the state. */
  deliveries?: readonly NewDelivery[];
  /** Bytes of output and artifacts that a job leaves that ends by it: they count as its owner's until it is deleted. */
  leftBytes?: number;
  /** The stage that the event is about; left out for a job of one stage. */
  stage?: EventStage;
  /** Whoever had claimed it is gone, and it is this server's from now on. Default false: only its claimant may do this. */
  claims?: boolean;
};

export interface NewJob {
  /** In state `queued`, or `preparing` when a slot was free at once (then both events are recorded). */
  job: Job;
  inputs: JobInputs;
  /** Those before the user's, in order; as many as `job.stagesBefore` says. */
  stages?: readonly Stage[];
  /** What its network profile opens, under the digest that the job names; left out for a job without one. */
  networkRules?: NetworkRules;
  /** What it is given to know; left out for a job without any. */
  secrets?: readonly JobSecret[];
  /** What is recorded of it; stored with the job, or neither of the two. */
  audit?: AuditEntry | readonly AuditEntry[];
  idempotency: { key: string; requestHash: string } | null;
  /** The instant of a schedule that it is the run of, taken with it, or neither of the two; left out for any other. */
  due?: DueClaim;
  /** The call of a webhook that it comes of, taken with it, or neither of the two; left out for any other. */
  message?: SignedMessage;
  /** The run that it is made again of, taken with it, or neither of the two; left out for any other. */
  retries?: RetryClaim;
}

/** What came of an idempotency key before. */
export type Earlier =
  /** The same key and request were stored before: this is that job. */
  | { kind: "replayed"; job: Job }
  /** The key was used for another request. */
  | { kind: "conflict" };

export type Inserted =
  | { kind: "created"; job: Job }
  | Earlier
  /** The upload that it is to unpack is not there any more, or not whole. */
  | { kind: "upload-missing" }
  /** As many runs of its task as may be at once are under way. */
  | { kind: "task-full" }
  /** The instant that it is the run of was taken, or is not the schedule's any more; or the run that it is made again of was. */
  | { kind: "not-due" }
  /** The call of a webhook that it comes of was taken before, and its job is gone. */
  | { kind: "message-known" }
  /** A secret that it is to have was changed since it was looked at. */
  | { kind: "secret-changed" };

/** Contents as they came with the job. */
export type JobInputs = Contents;

export interface JobFilter {
  owner: string | null;
  states: readonly JobState[] | null;
  labels: readonly { key: string; value: string }[];
  name: string | null;
  /** Runs of this task. */
  task: string | null;
  /** Epoch ms; both exclusive. */
  createdAfter: number | null;
  createdBefore: number | null;
  limit: number;
  cursor: string | null;
}

/** What somebody calls a job by. */
export interface JobReference {
  /** Only jobs of this owner; null for all. */
  owner: string | null;
  text: string;
  limit: number;
}

export interface EventStore {
  /** A job's events after `afterSeq`, in order. Few by nature: one per state. */
  list(jobId: string, afterSeq: number): Promise<JobEvent[]>;
}

/** API tokens, by the SHA-256 of their text; the text itself is never stored. */
export interface TokenStore {
  /** False, and nothing is stored, where `of` is the id of a deleted account, or the token is gone that it was made by. */
  insert(token: ApiToken, of?: string | null): Promise<boolean>;
  findByHash(hash: string): Promise<ApiToken | null>;
  find(id: string): Promise<ApiToken | null>;
  /** Of this principal, or, with null, of all, oldest first; `next` is the cursor of the following page. Throws CURSOR_INVALID. */
  list(options: {
    principal: string | null;
    limit: number;
    cursor: string | null;
  }): Promise<{ items: ApiToken[]; next: string | null }>;
  /** Which of these ids are those of a token. */
  existing(ids: readonly string[]): Promise<string[]>;
  /** Notes when it was used last. */
  used(id: string, at: number): Promise<void>;
  /** What was made by it, and by what was: the ids of tokens, and the serial numbers of certificates that may be used. */
  madeBy(id: string): Promise<Made>;
  /** Revokes it, and what was made by it. null when it is not there. */
  delete(id: string, at: number): Promise<Made | null>;
}

export interface Made {
  tokens: string[];
  certificates: string[];
}

export interface ApiToken {
  id: string;
  hash: string;
  principal: string;
  /** `admin` sees and does everything; `user` only what is its own. */
  role: "admin" | "user";
  /** What people know it by; null where nobody said. */
  label: string | null;
  /** The most that it may be used for; null: all that its principal may do. */
  scope: readonly Rule[] | null;
  createdAt: number;
  expiresAt: number | null;
  /** About; null before the first use. */
  usedAt: number | null;
  /** The credential that it was made by, its kind and its id; absent where nobody knows. */
  madeBy?: string;
}

/** Which roles were given to whom. */
export interface BindingStore {
  /** Oldest first. */
  list(): Promise<StoredBinding[]>;
  /** Idempotent: what was given before stays, and is returned. */
  insert(binding: StoredBinding): Promise<StoredBinding>;
  /** False when it is not there. */
  delete(id: string): Promise<boolean>;
}

export interface StoredBinding extends Binding {
  /** Epoch ms. */
  createdAt: number;
}

/** What is known of contents that callers have sent. The bytes themselves are files. */
export interface UploadStore {
  /** With owner null anybody's: the first by owner. */
  get(owner: string | null, name: string): Promise<StoredUpload | null>;
  /** By name, then owner. `next` is the cursor of the following page. Throws CURSOR_INVALID. */
  list(options: {
    owner: string | null;
    limit: number;
    cursor: string | null;
  }): Promise<{ items: StoredUpload[]; next: string | null }>;
  /** Notes an upload that begins. False when that owner has one of this name. */
  insert(upload: StoredUpload): Promise<boolean>;
  /** Notes how much of its owner's share it takes, and what length was said. False where it is not being received. */
  reserve(key: UploadKey, change: { bytes: number; length: number | null; at: number }): Promise<boolean>;
  /** Somebody sends it, or has asked for it: it is kept for longer. */
  touch(key: UploadKey, at: number): Promise<void>;
  /** Its content was lost: it is received once more. */
  restart(upload: StoredUpload): Promise<void>;
  /** It is whole: under its hash, whatever name it began with. */
  complete(key: UploadKey, change: { sha256: string; bytes: number; at: number }): Promise<void>;
  /** Forgets it, unless a job of its owner that has not ended uses it, or, where `unusedSince` is said, it was used since. */
  delete(
    key: UploadKey,
    options?: { unusedSince?: number | undefined },
  ): Promise<"deleted" | "in-use" | "missing">;
  /** Bytes that this owner's and all uploads take, where each takes `least` at least. */
  usage(owner: string, least: number): Promise<{ own: number; all: number }>;
  /** Whether anybody has this content, whole. */
  holds(sha256: string): Promise<boolean>;
  /** Whether an upload that has begun is in this part. */
  holdsPart(part: string): Promise<boolean>;
  /** Those that nobody has used since, and that no job waits for. */
  unused(options: { state: StoredUpload["state"]; since: number; limit: number }): Promise<StoredUpload[]>;
  /** Those whose hash nobody has said, begun before: none can be gone on with. */
  nameless(options: { before: number; limit: number }): Promise<StoredUpload[]>;
}

export interface UploadKey {
  owner: string;
  /** The SHA-256, or, where nobody has said it yet, an id. */
  name: string;
}

export interface StoredUpload extends UploadKey {
  state: "receiving" | "complete";
  /** What counts against its owner's share: its size, or what has been set aside for it. */
  bytes: number;
  length: number | null;
  /** The name of the file that the bytes come into; null when it is complete. */
  part: string | null;
  createdAt: number;
  usedAt: number;
}

/** Network profiles of the API, what was granted to jobs, and what these reached. */
export interface NetworkStore {
  /** By name. */
  list(): Promise<StoredNetwork[]>;
  get(name: string): Promise<StoredNetwork | null>;
  /** False where there is one of this name. */
  insert(profile: StoredNetwork): Promise<boolean>;
  /** False where there is none of this name. */
  update(name: string, change: Pick<StoredNetwork, "spec" | "digest"> & { at: number }): Promise<boolean>;
  /** False where there is none of this name. */
  delete(name: string): Promise<boolean>;
  /** What a job was granted: kept for as long as a job names it. */
  rules(digest: string): Promise<NetworkRules | null>;
  /** Ids of the first jobs that have not ended and have a profile of this name. */
  users(name: string, limit: number): Promise<string[]>;
  /** What a job reached and was refused, in the order in which it was stored. */
  contacts(jobId: string, query: ContactQuery): Promise<ContactPage>;
}

export interface StoredNetwork {
  name: string;
  digest: string;
  spec: NetworkSpec;
  createdAt: number;
  updatedAt: number;
}

export interface ContactQuery {
  /** null: both. */
  outcome: Contact["outcome"] | null;
  /** `next` of the page before; null for the first. */
  after: number | null;
  limit: number;
}

export interface ContactPage {
  items: Contact[];
  /** null at the end. */
  next: number | null;
}
