import type { EventType } from "@berth/protocol";
import type { Job } from "../../../core/job/job.ts";
import { newAlias } from "../../../core/task/job-alias.ts";
import { onLoop } from "../../../lib/on-loop.ts";
import type { Earlier, Inserted, JobInputs, NewJob } from "../../store.ts";
import { auditSteps } from "../audit/record-step.ts";
import type { Database, Step } from "../database.ts";
import { toColumn } from "../words/exact-text.ts";
import { fromJobRow, type NewJobRow, type RunRow, toJobRow, toJson } from "./job-row.ts";
import type { JobEventTable, JobInputTable, JobLabelTable } from "../tables.ts";
import { roomStep } from "../live/room-of-tasks.ts";
import { insertStages } from "../stages/stages.ts";
import { template } from "../words/template.ts";
import { takeForJob } from "../definitions/take-instant.ts";
import { takeMessage } from "../definitions/take-message.ts";
import { takeRetry } from "../definitions/take-retry.ts";
import { giveSecret } from "../secrets/job-secrets.ts";
import { grantStep } from "../networks/profiles.ts";

const insertRow = template<NewJobRow>((build, row) => build.insertInto("job").values(row).compile());
/** Inserts nothing where another job has the alias. */
const insertAliased = template<NewJobRow & RunRow>((build, row) =>
  build
    .insertInto("job")
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .compile(),
);
const insertEvent = template<JobEventTable>((build, row) =>
  build.insertInto("job_event").values(row).compile(),
);

const insertLabel = template<JobLabelTable>((build, row) =>
  build.insertInto("job_label").values(row).compile(),
);
const insertInput = template<JobInputTable>((build, row) =>
  build.insertInto("job_input").values(row).compile(),
);

/** A key can only vanish between two looks when its job is deleted; nobody deletes one key's jobs that often. */
const MOST_ATTEMPTS = 10;

export async function insertJob(
  db: Database,
  { job, inputs, stages = [], networkRules, secrets = [], idempotency, audit, due, message, retries }: NewJob,
): Promise<Inserted> {
  const events = firstEvents(job);
  const { archive } = inputs;
  const taken = [
    ...(due === undefined ? [] : takeForJob(db, due, job.id)),
    ...(retries === undefined ? [] : [takeRetry(db, retries, { as: job.id })]),
  ];
  const heard = message === undefined ? [] : takeMessage(db, message);
  const use = archive === undefined ? [] : [useUpload(db, job, archive)];
  const granted =
    job.network === null || networkRules === undefined
      ? []
      : [grantStep(db, job.network.digest, networkRules)];
  const room = roomStep(db, job);
  const rest = onLoop("store: put a new job together", () => [
    ...events.map((type, index) =>
      eventStep(db, job, { seq: index + 1, type, isLast: index === events.length - 1 }),
    ),
    ...labelSteps(db, job),
    ...inputSteps(db, job.id, inputs),
    ...insertStages(db, stages),
    ...granted,
    ...secrets.map((secret) => giveSecret(db, job.id, secret)),
    ...auditSteps(db, audit),
  ]);
  const key = idempotency === null ? [] : [takeKey(db, job, idempotency)];
  const first = [...key, ...taken, ...heard, ...room, ...use];
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    const written = await db.write([...first, rowStep(db, job), ...rest]);
    if (written.done) return { kind: "created", job };
    const { failedStep } = written;
    if (idempotency !== null && failedStep === 0) {
      const earlier = await findByKey(db, job.owner, idempotency);
      if (earlier !== null) return earlier;
    } else if (failedStep < key.length + taken.length) return { kind: "not-due" };
    else if (failedStep < key.length + taken.length + heard.length) return { kind: "message-known" };
    else if (failedStep < key.length + taken.length + heard.length + room.length)
      return { kind: "task-full" };
    else if (failedStep < first.length) return { kind: "upload-missing" };
    else if (failedStep > first.length) return { kind: "secret-changed" };
    else job.alias = newAlias(job.task?.name ?? "");
  }
  throw new Error(`Cannot store job "${job.id}": its key, or its alias, is taken and free in turns`);
}

/** Fails where another job has its alias. */
function rowStep(db: Database, job: Job): Step {
  const row = onLoop("store: put a new job together", () =>
    toJobRow(job, job.state === "queued" ? null : db.server),
  );
  if (job.alias === null) return { query: insertRow(db, row) };
  const ofRun = { alias: toColumn(job.alias), callbacks: toJson(job.callbacks), retry: toJson(job.retry) };
  return { query: insertAliased(db, { ...row, ...ofRun }), exactly: 1 };
}

/** A job that got a slot at once was queued for no time: both facts are recorded. */
function firstEvents(job: Job): EventType[] {
  switch (job.state) {
    case "queued":
      return ["queued"];
    case "preparing":
      return ["queued", "preparing"];
    default:
      throw new Error(`Cannot store job "${job.id}": state "${job.state}" is not one to begin with`);
  }
}

function eventStep(
  db: Database,
  job: Job,
  { seq, type, isLast }: { seq: number; type: EventType; isLast: boolean },
): Step {
  const row = {
    job_id: job.id,
    seq,
    type,
    at: job.createdAt,
    cause: isLast ? toJson(job.cause) : null,
    exit_code: null,
    deadline_at: isLast ? job.deadlineAt : null,
    stage: null,
  };
  return { query: insertEvent(db, row) };
}

function labelSteps(db: Database, job: Job): Step[] {
  return Object.entries(job.labels).map(([key, value]) => {
    const named = { key: toColumn(key), value: toColumn(value), owner: toColumn(job.owner) };
    return { query: insertLabel(db, { ...named, job_id: job.id, created_at: job.createdAt }) };
  });
}

function inputSteps(db: Database, jobId: string, { files, stdin, archive }: JobInputs): Step[] {
  const all: Pick<JobInputTable, "kind" | "name" | "content">[] = files.map(({ name, content }) => ({
    kind: "file",
    name: toColumn(name),
    content,
  }));
  if (stdin !== null) all.push({ kind: "stdin", name: "", content: stdin });
  if (archive !== undefined) all.push({ kind: "archive", name: archive, content: new Uint8Array() });
  return all.map((input, seq) => ({
    query: insertInput(db, { job_id: jobId, seq, ...input }),
  }));
}

/** Fails where the upload is not there, or not whole: so it cannot go between the look at it and this. */
function useUpload(db: Database, { owner, createdAt }: Job, sha256: string): Step {
  const query = db.build
    .updateTable("upload")
    .set({ used_at: createdAt })
    .where("owner", "=", toColumn(owner))
    .where("name", "=", sha256)
    .where("state", "=", "complete")
    .compile();
  return { query, exactly: 1 };
}

/** Comes first and must insert: of many with the same key exactly one goes on. */
function takeKey(db: Database, job: Job, { key, requestHash }: { key: string; requestHash: string }): Step {
  const row = {
    owner: toColumn(job.owner),
    key: toColumn(key),
    request_hash: requestHash,
    job_id: job.id,
    created_at: job.createdAt,
  };
  const query = db.build
    .insertInto("idempotency")
    .values(row)
    .onConflict((conflict) => conflict.columns(["owner", "key"]).doNothing())
    .compile();
  return { query, exactly: 1 };
}

export async function findByKey(
  db: Database,
  owner: string,
  { key, requestHash }: { key: string; requestHash: string },
): Promise<Earlier | null> {
  const [found] = await db.read(
    db.build
      .selectFrom("idempotency")
      .innerJoin("job", "job.id", "idempotency.job_id")
      .selectAll("job")
      .select("idempotency.request_hash")
      .where("idempotency.owner", "=", toColumn(owner))
      .where("idempotency.key", "=", toColumn(key))
      .compile(),
  );
  if (found === undefined) return null;
  return found.request_hash === requestHash
    ? { kind: "replayed", job: fromJobRow(found) }
    : { kind: "conflict" };
}
