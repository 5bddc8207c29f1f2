import { isTerminal, jobStates, type JobState, terminalStates } from "@berth/protocol";
import type { AuditEntry } from "../../../core/audit/record.ts";
import type { Job, JobChange } from "../../../core/job/job.ts";
import type { KeptSpec } from "../../../core/job/kept-spec.ts";
import type {
  AdmittedRun,
  FinishedJob,
  Earlier,
  Inserted,
  JobFilter,
  JobInputs,
  JobPage,
  JobReference,
  JobStore,
  NewJob,
  TransitionChange,
  Unfinished,
} from "../../store.ts";
import { deleteJob, extendJob, transitionJob, updateJob } from "./change-job.ts";
import type { Database } from "../database.ts";
import { dropInputs, dropInputsOfEnded } from "../ended/drop-inputs.ts";
import { fromColumn, toColumn } from "../words/exact-text.ts";
import { finishedJobs } from "../ended/finished-jobs.ts";
import { findJobs } from "../listing/find-jobs.ts";
import { findByKey, insertJob } from "./insert-job.ts";
import { fromJobRow } from "./job-row.ts";
import { listJobs } from "../listing/list-jobs.ts";
import { countAhead, queuedHeads, queuedOf } from "../live/queued-jobs.ts";
import { admitRun, countAheadInTask, runsBefore } from "../live/room-of-tasks.ts";
import { leftElsewhere } from "../live/left-elsewhere.ts";
import { RecentJobs } from "../live/recent-jobs.ts";
import type { Watchers } from "../live/watchers.ts";

const liveStates = jobStates.filter((state) => !isTerminal(state));

/** `watchers` hear of each committed change of a job. */
export class JobQueries implements JobStore {
  readonly #db: Database;
  readonly #watchers: Watchers;
  /** Ended jobs by state: counted when the store opens, kept since, because they grow without bound. */
  readonly #ended = new Map<JobState, number>();
  /** Somebody else has changed jobs since the count. */
  #mustCount = false;

  readonly #recent = new RecentJobs();

  constructor(db: Database, watchers: Watchers) {
    this.#db = db;
    this.#watchers = watchers;
  }

  /** Not by this server: what it knew of the job is old. */
  changedElsewhere(id: string): void {
    this.#mustCount = true;
    this.#recent.forget(id);
    this.#watchers.notify(id);
  }

  /** Nobody said meanwhile what was changed elsewhere. */
  forgetWhatWasKnown(): void {
    this.#mustCount = true;
    this.#recent.forgetAll();
    this.#watchers.notifyAll();
  }

  /** The store is closing: from now on only the database answers. */
  close(): void {
    this.#recent.close();
  }

  /** Must be called once, before any other method. */
  async countEnded(): Promise<void> {
    this.#mustCount = false;
    const counts = await this.#countByState(terminalStates);
    this.#ended.clear();
    for (const { state, count } of counts) this.#ended.set(state, count);
  }

  async insert(job: NewJob): Promise<Inserted> {
    const inserted = await insertJob(this.#db, job);
    if (inserted.kind === "created") this.#written(inserted.job);
    return inserted;
  }

  async get(id: string): Promise<Job | null> {
    const recent = this.#recent.get(id);
    if (recent) return recent;
    const { build } = this.#db;
    const [row] = await this.#db.read(build.selectFrom("job").selectAll().where("id", "=", id).compile());
    return row === undefined ? null : fromJobRow(row);
  }

  async byAlias(alias: string): Promise<Job | null> {
    const named = this.#db.build.selectFrom("job").select("id").where("alias", "=", toColumn(alias));
    const [found] = await this.#db.read(named.compile());
    return found === undefined ? null : this.get(found.id);
  }

  async state(id: string): Promise<JobState | null> {
    const recent = this.#recent.get(id);
    if (recent) return recent.state;
    const query = this.#db.build.selectFrom("job").select("state").where("id", "=", id);
    const [row] = await this.#db.read(query.$narrowType<{ state: JobState }>().compile());
    return row?.state ?? null;
  }

  async list(filter: JobFilter): Promise<JobPage> {
    return await listJobs(this.#db, filter);
  }

  async find(reference: JobReference): Promise<Job[]> {
    return await findJobs(this.#db, reference);
  }

  async transition(
    id: string,
    to: JobState,
    {
      at,
      from,
      passed,
      stage,
      contactRows,
      deliveries,
      leftBytes,
      audit,
      claims,
      ...change
    }: TransitionChange,
  ): Promise<Job | null> {
    const job = await transitionJob(this.#db, id, {
      to,
      at,
      from: from ?? null,
      passed: passed ?? null,
      stage: stage ?? null,
      known: this.#knownSpec(id),
      contacts: contactRows ?? [],
      deliveries: deliveries ?? [],
      leftBytes,
      audit,
      claims,
      change,
    });
    if (job === null) return null;
    if (isTerminal(to)) this.#countEnded(to, 1);
    this.#written(job);
    return job;
  }

  async update(id: string, { audit, ...change }: JobChange & { audit?: AuditEntry }): Promise<Job | null> {
    const job = await updateJob(this.#db, id, { ...change, audit, known: this.#knownSpec(id) });
    if (job !== null) this.#written(job);
    return job;
  }

  async extend(
    id: string,
    { byMs, at, audit }: { byMs: number; at: number; audit?: AuditEntry },
  ): Promise<Job | null> {
    const job = await extendJob(this.#db, id, { byMs, at, audit, known: this.#knownSpec(id) });
    if (job !== null) this.#written(job);
    return job;
  }

  async admit(task: string): Promise<AdmittedRun | null> {
    const admitted = await admitRun(this.#db, task);
    if (admitted === null) return null;
    this.#recent.forget(admitted.id);
    this.#watchers.notify(admitted.id);
    return admitted;
  }

  async aheadInTask(job: { id: string; task: string }): Promise<number> {
    return (await this.#db.read(countAheadInTask(this.#db, job)))[0]?.count ?? 0;
  }

  async runsBefore(job: { id: string; task: string }): Promise<string[]> {
    return (await this.#db.read(runsBefore(this.#db, job))).map(({ id }) => id);
  }

  async unfinished(): Promise<Unfinished[]> {
    const { build, server } = this.#db;
    const live = build
      .selectFrom("job")
      .select(["id", "owner", "state", "engine", "limits", "task", "task_waits", "source"])
      .where("state", "in", liveStates);
    const own = live.where((is) => is.or([is("state", "=", "queued"), is("claimed_by", "=", server)]));
    const rows = await this.#db.read(own.orderBy("id").$narrowType<{ state: JobState }>().compile());
    return rows.map(({ task_waits: waits, ...row }) => ({
      ...row,
      waits: waits !== null,
      owner: fromColumn(row.owner),
      limits: JSON.parse(row.limits) as Job["limits"],
      source: row.source === null ? null : (JSON.parse(row.source) as Job["source"]),
    }));
  }

  leftElsewhere(): Promise<string[]> {
    return leftElsewhere(this.#db);
  }

  async queuedHeads(
    engine: string,
    page: { after: string | null; most: number },
  ): Promise<Pick<Job, "id" | "owner" | "priority">[]> {
    return queuedHeads(this.#db, engine, page);
  }

  async queuedOf(
    engine: string,
    page: { owner: string; most: number },
  ): Promise<Pick<Job, "id" | "priority">[]> {
    return this.#db.read(queuedOf(this.#db, engine, page));
  }

  earlier(owner: string, idempotency: NonNullable<NewJob["idempotency"]>): Promise<Earlier | null> {
    return findByKey(this.#db, owner, idempotency);
  }

  async lastCame(owner: string, { since, most }: { since: number; most: number }): Promise<number[]> {
    const last = this.#db.build
      .selectFrom("job")
      .select(["id", "created_at"])
      .where("owner", "=", toColumn(owner))
      .orderBy("id", "desc");
    const times: number[] = [];
    let before: string | undefined;
    // Ids are in the order in which they were made. By pages: others have their turns between.
    do {
      const from = before === undefined ? last : last.where("id", "<", before);
      const rows = await this.#db.read(from.limit(Math.min(most - times.length, 500)).compile());
      const late = rows.filter(({ created_at: at }) => at > since);
      for (const { created_at: at } of late) times.push(at);
      before = late.length < rows.length ? undefined : late.at(-1)?.id;
    } while (before !== undefined && times.length < most);
    return times;
  }

  async aheadOf(job: Pick<Job, "id" | "engine" | "owner" | "priority">): Promise<number> {
    return (await this.#db.read(countAhead(this.#db, job)))[0]?.count ?? 0;
  }

  async latestKeys(most: number): Promise<{ owner: string; key: string }[]> {
    // Ids are in the order in which they were made, and there is an index of them.
    const newest = this.#db.build
      .selectFrom("idempotency")
      .select(["owner", "key"])
      .orderBy("job_id", "desc");
    const rows = await this.#db.read(newest.limit(most).compile());
    return rows.map(({ owner, key }) => ({ owner: fromColumn(owner), key: fromColumn(key) }));
  }

  async inputs(id: string): Promise<JobInputs> {
    const query = this.#db.build.selectFrom("job_input").selectAll().where("job_id", "=", id).orderBy("seq");
    const rows = await this.#db.read(query.compile());
    const files = rows.filter(({ kind }) => kind === "file");
    const archive = rows.find(({ kind }) => kind === "archive");
    return {
      files: files.map(({ name, content }) => ({ name: fromColumn(name), content })),
      stdin: rows.find(({ kind }) => kind === "stdin")?.content ?? null,
      ...(archive !== undefined && { archive: archive.name }),
    };
  }

  async dropInputs(id: string): Promise<void> {
    await dropInputs(this.#db, id);
  }

  async dropInputsOfEnded(): Promise<void> {
    await dropInputsOfEnded(this.#db);
  }

  async delete(id: string, audit?: AuditEntry): Promise<boolean> {
    const state = await deleteJob(this.#db, id, audit);
    if (state === null) return false;
    this.#countEnded(state, -1);
    this.#recent.forget(id);
    this.#watchers.notify(id);
    return true;
  }

  finished(options: Parameters<JobStore["finished"]>[0]): Promise<FinishedJob[]> {
    return finishedJobs(this.#db, options);
  }

  async counts(): Promise<Record<JobState, number>> {
    const counts = {
      queued: 0,
      preparing: 0,
      running: 0,
      stopping: 0,
      succeeded: 0,
      failed: 0,
      canceled: 0,
      lost: 0,
    };
    if (this.#mustCount) await this.countEnded();
    for (const [state, count] of this.#ended) counts[state] = count;
    for (const { state, count } of await this.#countByState(liveStates)) counts[state] = count;
    return counts;
  }

  /** It never changes. */
  #knownSpec(id: string): KeptSpec | null {
    return this.#recent.get(id)?.spec ?? null;
  }

  #written(job: Job): void {
    this.#recent.keep(job);
    this.#watchers.notify(job.id);
  }

  #countEnded(state: JobState, difference: number): void {
    this.#ended.set(state, (this.#ended.get(state) ?? 0) + difference);
  }

  async #countByState(states: readonly JobState[]): Promise<{ state: JobState; count: number }[]> {
    const query = this.#db.build
      .selectFrom("job")
      .where("state", "in", states)
      .groupBy("state")
      .select(({ fn }) => ["state", fn.countAll<number>().as("count")]);
    return await this.#db.read(query.$narrowType<{ state: JobState }>().compile());
  }
}
