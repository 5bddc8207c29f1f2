import type { Guard } from "./guard.ts";

const reconciler = "packages/server/src/reconciler";
const local = "packages/server/src/engines/local";
const store = "packages/server/src/store/queries";
const walk = `${reconciler}/walk/walk-stages.test.ts`;
const faults = `${reconciler}/walk/stage-faults.test.ts`;
const claims = "packages/server/test/store-claims.test.ts";

/** The stages of a job, what they hand on, and who runs which job. */
export const stages: readonly Guard[] = [
  {
    guard: "a stage is stored as running before it is begun",
    file: `${reconciler}/walk/begin-stage.ts`,
    take: `await store.stages.transition(stage, "running", { at, startedAt, attempt });`,
    leave: `{ ...stage, state: "running" as const, startedAt, attempt, at, store };`,
    test: faults,
    title: "stored as running",
  },
  {
    guard: "a stage that has ended is not done again",
    file: `${reconciler}/walk/walk-stages.ts`,
    take: "hasEnded(stage) ? stage : await bring()",
    leave: "await bring()",
    test: faults,
    title: "repeats no stage",
  },
  {
    guard: "the code of a job of several stages is never started twice",
    file: `${reconciler}/walk/walk-job.ts`,
    take: "walk.fresh || !begun || wasMissing;",
    leave: "walk.fresh || !begun || wasMissing || job.stagesBefore > 0;",
    test: faults,
    title: "repeats no stage",
  },
  {
    guard: "a folder is handed on with its ids",
    file: `${local}/spawner/place-maker.ts`,
    take: "const ids = left?.ids ?? ranges.take();",
    leave: "const ids = ranges.take();",
    test: "packages/server/test/engine-local.test.ts",
    title: "whose files belong to it",
  },
  {
    guard: "the server writes nothing into a folder that a job has had",
    file: `${local}/work/furnish.ts`,
    take: "if (!furnishing.isLeft) await fill(furnishing);",
    leave: "await fill(furnishing);",
    test: `${local}/work/furnish.test.ts`,
    title: "that a job has had",
  },
  {
    guard: "the start timeout ends a stage",
    file: `${reconciler}/supervision/supervise-stage.ts`,
    take: "using _startTimeout = startTimeout(context, { job, stage, leftMs: leftMs(), stopper });",
    leave: "void startTimeout;",
    test: walk,
    title: "which is one for all stages: it runs",
  },
  {
    guard: "the output limit of a job is that of its own code",
    file: `${reconciler}/walk/prepare/prepare.ts`,
    take: `limits: { ...job.limits, overflow: "discard" }`,
    leave: "limits: job.limits",
    test: walk,
    title: "not under the output limit",
  },
  {
    guard: "a folder stays for as long as an heir of it lives",
    file: `${local}/jobs/local-jobs.ts`,
    take: "    if (this.#heirs.keep(id)) return;\n",
    test: "packages/server/test/local/stuck-heirs.test.ts",
  },
  {
    guard: "the next server knows the heirs of a folder before it removes anything",
    file: `${local}/jobs/local-jobs.ts`,
    take: "      this.#heirs.add(id, facts);\n",
    test: "packages/server/test/local/stuck-heirs.test.ts",
    title: "under the next server",
  },
  {
    guard: "a stage ends with its job where no engine is left for it",
    file: `${reconciler}/walk/walk-stages.ts`,
    take: ": endStage(context, { job, stage, walk, end: withoutEngine });",
    leave: ": Promise.resolve({ ...stage, end: endStage, withoutEngine });",
    test: faults,
    title: "not configured any more",
  },
  {
    guard: "a stop is heard while a start waits",
    file: `${reconciler}/walk/start-signal.ts`,
    take: "if (job?.stop) controller.abort(new StopAsked(job.stop));",
    leave: "void job;",
    test: faults,
    title: "is given up when its job is stopped",
  },
  {
    guard: "a task that waits for its turn is given up",
    file: `${local}/workshop/workshop.ts`,
    take: "if (this.#waiting.remove(who, waiting)) done.reject(signal?.reason);",
    leave: "void signal;",
    test: `${local}/workshop/workshop.test.ts`,
    title: "gives up a task",
  },
  {
    guard: "an engine starts nothing in weaker surroundings",
    file: "packages/server/src/engines/engine.ts",
    take: "if (impossible.length === 0) return;",
    leave: "if (impossible.length >= 0) return;",
    test: "packages/server/test/engine-fake.test.ts",
    title: "never something weaker",
  },
  {
    guard: "what an engine cannot make is refused before it is stored",
    file: "packages/server/src/operations/jobs/submit/plan-job.ts",
    take: "if (plan.impossible.length > 0) {",
    leave: "if (plan.impossible.length > 99) {",
    test: "packages/server/test/engine-unable.test.ts",
  },
  {
    guard: "nobody overtakes a job that is being stored",
    file: `${reconciler}/queue/slots.ts`,
    take: "this.#line.isStoring(next, owner) || ",
    test: `${reconciler}/queue/slots.test.ts`,
  },
  {
    guard: "who makes a job ready claims it",
    file: `${store}/job/change-job.ts`,
    take: `to === "preparing" || claims ? { claimed_by: db.server } : {};`,
    leave: "{};",
    test: claims,
    title: "nobody's while it waits",
  },
  {
    guard: "only its claimant writes what becomes of a job",
    file: `${store}/job/change-job.ts`,
    take: `return update.where((is) => is.or([is("claimed_by", "is", null), is("claimed_by", "=", holder)]));`,
    leave: "return update;",
    test: claims,
    title: "keeps a server from writing",
  },
  {
    guard: "a server that stood still renews its lease before it acts",
    file: `${store}/live/lease.ts`,
    take: "if (termMs !== null && this.#elapsed() - this.#renewedAt >= termMs) await this.#renew();",
    leave: "void termMs;",
    test: claims,
    title: "that stood still",
  },
];
