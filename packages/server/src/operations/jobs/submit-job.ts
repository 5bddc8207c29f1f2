import { BerthError, type JobSpec, operations } from "@berth/protocol";
import type { AuditEntry } from "../../core/audit/record.ts";
import type { Caller } from "../../core/caller/caller.ts";
import type { Job, TaskOfJob } from "../../core/job/job.ts";
import { viewSpec } from "../../core/job/job-view.ts";
import { KeptSpec } from "../../core/job/kept-spec.ts";
import { keyOf } from "../../core/caller/principal.ts";
import { newAlias } from "../../core/task/job-alias.ts";
import type { GrantedProfile } from "../../core/network/profile.ts";
import { type Contents, ReadSpec } from "../../core/input/read-spec.ts";
import { newStage } from "../../core/stages/new-stage.ts";
import type { Stage } from "../../core/stages/stage.ts";
import type { Engine } from "../../engines/engine.ts";
import { crashPoint } from "../../lib/crash-point.ts";
import { newId } from "../../lib/ids.ts";
import { onLoop } from "../../lib/on-loop.ts";
import type { DueClaim } from "../../core/task/schedules.ts";
import type { RetryClaim } from "../../core/task/retry/retries.ts";
import type { SignedMessage } from "../../core/task/webhook-signature.ts";
import type { NewJob } from "../../store/store.ts";
import type { Context } from "../context.ts";
import { whyNoUpload } from "../uploads/find-upload.ts";
import { insertWaiting } from "./submit/insert-waiting.ts";
import { isLong } from "./submit/long-spec.ts";
import { messageReplayed } from "./submit/message-replayed.ts";
import { NotDue } from "./submit/not-due.ts";
import { keyConflict, type Submitted, submitWithinQuota } from "./submit/within-quota.ts";
import { type PlannedJob, type PlannedRun, planJob } from "./submit/plan-job.ts";
import { inputsOf, requestHashOf } from "./submit/submitted-contents.ts";

export interface SubmitRequest {
  caller: Caller;
  spec: JobSpec | ReadSpec;
  idempotencyKey: string | null;
  /** Where it is a run of a task, which the caller may execute; null, or left out, for a job of the caller's own words. */
  run?: RunOfTask | null;
}

/** What a job of a task is beside its spec. */
interface RunOfTask extends PlannedRun {
  task: TaskOfJob;
  /** What makes two runs the same, whatever the task has become between them: asked for where a key has come with it. */
  requestHash: () => string;
  /** What becomes of it where its task has no room for it. */
  next: "queue" | "refuse";
  /** Who is told of its end. */
  callbacks: Job["callbacks"];
  /** What asked for it, as records have it; left out where the caller did. */
  origin?: string | undefined;
  /** The instant of a schedule that it is the run of. */
  due?: DueClaim | undefined;
  /** The call of a webhook that it comes of. */
  message?: SignedMessage | undefined;
  /** The run that it is made again of. */
  retries?: RetryClaim | undefined;
}

/**
 * Stores a job durably and wakes the reconciler. With a free slot the job is stored as `preparing` at once,
 * which saves a write. Throws FORBIDDEN, ENGINE_UNKNOWN, ENGINE_NOT_ALLOWED, ENGINE_UNABLE, NETWORK_UNKNOWN, NETWORK_NOT_ALLOWED, NETWORK_UNAVAILABLE, LIMIT_NOT_ENFORCEABLE, QUEUE_FULL, IDEMPOTENCY_CONFLICT, STORAGE_FAILED, ARCHIVE_TOOL_MISSING, SOURCE_TOOL_MISSING, UPLOAD_NOT_FOUND, UPLOAD_UNFINISHED, SECRET_MISSING, SECRET_NOT_ALLOWED, SECRET_CHANGED, QUOTA_EXCEEDED, TASK_BUSY.
 */
export async function submitJob(context: Context, request: SubmitRequest): Promise<Submitted> {
  const { spec, run = null } = request;
  if (run === null) await context.access.demand(request.caller, operations.submitJob.permission);
  demandRoom(context);
  const planned = await planJob(context, { ...request, run });
  // Each of what follows takes long with a long list of arguments: others have their turns between.
  const who = keyOf(request.caller.principal);
  const pause = !(spec instanceof ReadSpec) && isLong(spec) ? () => context.turns.take(who) : null;
  await pause?.();
  const inputs = spec instanceof ReadSpec ? spec.contents : await inputsOf(spec);
  const idempotency = await idempotencyOf(request, inputs);
  await pause?.();
  const job = newJob(context, { request, planned });
  const { owner } = job;
  const submit = (): Promise<Submitted> =>
    storeJob(context, { request, planned, inputs, idempotency, job, pause });
  return await (context.quotas.asksAtSubmit(owner)
    ? submitWithinQuota(context, { job, idempotency }, submit)
    : submit());
}

/** All that is known of a job before it is stored. */
interface Submission {
  request: SubmitRequest;
  planned: PlannedJob;
  inputs: Contents;
  idempotency: NewJob["idempotency"];
  job: Job;
  /** Of a large one: lets others have their turn. */
  pause: (() => Promise<void>) | null;
}

async function storeJob(context: Context, submission: Submission): Promise<Submitted> {
  const { request, planned, inputs, idempotency, job, pause } = submission;
  const { engine, network, stages, secrets } = planned;
  const { spec } = request;
  const isRepeated = idempotency !== null && context.seenKeys.note(job.owner, idempotency.key);
  const reserved = reserve(context, job);
  if (reserved) job.state = "preparing";
  let stored = false;
  let held = false;
  try {
    const asked: NewJob = {
      job,
      inputs,
      ...(stages.length > 0 && {
        stages: stages.map((stage, position) => newStageOf(job, { ...stage, position, engine })),
      }),
      ...(network.kind === "profile" && { networkRules: network.rules }),
      ...(secrets.length > 0 && { secrets }),
      ...(request.run?.due !== undefined && { due: request.run.due }),
      ...(request.run?.message !== undefined && { message: request.run.message }),
      ...(request.run?.retries !== undefined && { retries: request.run.retries }),
      idempotency,
      audit: recordsOf(context, request, { job, secrets }),
    };
    const inserting = context.store.jobs.insert(asked);
    if (isPlain(job, { spec, inputs }) && !isRepeated) context.scheduler.prepare(job, network);
    const tried = await inserting;
    held = tried.kind === "task-full";
    const inserted =
      tried.kind === "task-full"
        ? await insertWaiting(context, { asked, next: request.run?.next ?? "queue" })
        : tried;
    if (inserted.kind === "conflict") throw keyConflict(idempotency?.key ?? "");
    if (inserted.kind === "not-due") throw new NotDue("Cannot submit job: its instant is taken");
    if (inserted.kind === "message-known") throw messageReplayed(request.run?.message?.webhook ?? "");
    if (inserted.kind === "upload-missing") throw await whyNoUpload(context, job.owner, inputs.archive ?? "");
    if (inserted.kind === "secret-changed")
      throw new BerthError("SECRET_CHANGED", "Cannot submit job: a secret of it was changed meanwhile");
    if (inserted.kind === "replayed") return { job: inserted.job, replayed: true };
    stored = true;
    crashPoint("accepted");
    context.events.jobSubmitted(inserted.job, request.caller);
    return { job: inserted.job, replayed: false };
  } finally {
    await pause?.();
    if (stored && held) context.scheduler.hold(job);
    else if (stored) context.scheduler.wake(job.id);
    else context.scheduler.release(job.id);
  }
}

/**
 * Of what a job runs they say no word: commands and environments hold what nobody else is to read. A run of a task is an
 * execution of that beside.
 */
function recordsOf(
  { audit }: Context,
  { caller, run }: SubmitRequest,
  { job: { id, engine, network, task }, secrets }: { job: Job; secrets: NonNullable<NewJob["secrets"]> },
): AuditEntry | AuditEntry[] {
  const about = {
    engine,
    ...(task !== null && { task: `${task.name}@${task.version}`, runnerVersion: task.runnerVersion }),
    ...(run?.origin !== undefined && { origin: run.origin }),
    ...(network !== null && { network: network.name }),
    ...(secrets.length > 0 && { secrets: secrets.map(({ name, version }) => `${name}@${version}`) }),
  };
  const submitted = audit.entry(caller, { ...operations.submitJob.permission, name: id, about });
  if (task === null) return submitted;
  const { name, version, runnerVersion } = task;
  const ran = { job: id, version, runnerVersion };
  return [audit.entry(caller, { ...operations.runTask.permission, name, about: ran }), submitted];
}

/** It starts at once, and nothing that its start takes has to be read from the store. */
function isPlain(
  { state, stagesBefore, task }: Job,
  { spec, inputs: { files, stdin } }: { spec: JobSpec | ReadSpec; inputs: Contents },
): boolean {
  const isSmall =
    !(spec instanceof ReadSpec) && files.length === 0 && stdin === null && spec.secrets === undefined;
  // There may be no room for it: what was begun of it would end when it waits already.
  const isSure = task?.room === undefined;
  return state === "preparing" && stagesBefore === 0 && isSmall && isSure;
}

/** A job takes more than its end does: the first few would use up what the ends of all others are written in. */
function demandRoom({ diskReserve }: Context): void {
  if (!diskReserve.isSpent()) return;
  throw new BerthError("STORAGE_FAILED", "Cannot submit job: the server's data disk is full", {
    fix: "Make room on the server's data disk, then try again",
  });
}

async function idempotencyOf(
  { spec, idempotencyKey: key, run }: SubmitRequest,
  inputs: Contents,
): Promise<NewJob["idempotency"]> {
  if (key === null) return null;
  if (run) return { key, requestHash: run.requestHash() };
  return {
    key,
    requestHash: spec instanceof ReadSpec ? spec.requestHash : await requestHashOf(spec, inputs),
  };
}

/**
 * True when the job may start at once; false when it has taken its place in the queue. One that is full takes the first of
 * an owner who has none in it all the same, up to twice its length: else whoever fills it keeps everybody else out.
 */
function reserve({ scheduler, policy }: Context, job: Job): boolean {
  if (scheduler.reserve(job)) return true;
  const { queued } = scheduler.slots(job.engine);
  const isFirst = scheduler.waitingOf(job.engine, job.owner) === 1;
  if (queued <= policy.queueLength * (isFirst ? 2 : 1)) return false;
  scheduler.release(job.id);
  throw new BerthError("QUEUE_FULL", `Cannot submit job: ${policy.queueLength} jobs wait already`);
}

function newJob(
  context: Context,
  { request, planned }: { request: SubmitRequest; planned: PlannedJob },
): Job {
  const { engine, limits, isolation, network, stages, source } = planned;
  const id = newId();
  const { spec } = request;
  const head = spec instanceof ReadSpec ? spec.head : spec;
  return {
    id,
    owner: request.caller.principal.name,
    name: head.name ?? null,
    labels: head.labels ?? {},
    state: "queued",
    cause: null,
    exitCode: null,
    signal: null,
    createdAt: context.now(),
    submittedSinceBoot: context.sinceBoot(),
    startedAt: null,
    endedAt: null,
    deadlineAt: null,
    usage: { cpuMs: null, wallMs: null, peakMemoryBytes: null, outputBytes: 0 },
    isolation,
    engine: engine.name,
    priority: head.priority ?? 0,
    network: network.kind === "none" ? null : namedOf(network),
    contacts: null,
    task: request.run?.task ?? null,
    source,
    alias: request.run ? newAlias(request.run.task.name) : null,
    callbacks: request.run?.callbacks ?? null,
    retry: retryOf(request.run?.retries),
    handle: engine.handleFor(id),
    resultJson: null,
    spec:
      spec instanceof ReadSpec
        ? spec.kept
        : KeptSpec.of(onLoop("submit: copy the spec", () => viewSpec(spec))),
    limits,
    stagesBefore: stages.length,
    stop: null,
  };
}

function retryOf(claim: RetryClaim | undefined): Job["retry"] {
  return claim === undefined ? null : { attempt: claim.retry.attempt + 1, of: claim.retry.of ?? claim.job };
}

function namedOf({ name, digest, observe }: GrantedProfile): Job["network"] {
  return { name, digest, observe };
}

function newStageOf(
  job: Job,
  { kind, position, isolation, engine }: Pick<Stage, "kind" | "position" | "isolation"> & { engine: Engine },
): Stage {
  const id = newId();
  return newStage({
    id,
    jobId: job.id,
    kind,
    position,
    handle: engine.handleFor(id),
    isolation,
  });
}
