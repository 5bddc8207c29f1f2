import type { Guard } from "./guard.ts";

const server = "packages/server/src";
const sweeps = `${server}/reconciler/sweeps`;
const lives = "packages/server/test/job-life.test.ts";
const keys = "packages/server/test/api-idempotency.test.ts";

/** Whose a job is, what it may ask for once, and how long it is kept. */
export const accounts: readonly Guard[] = [
  {
    guard: "owners are compared whole, not by their beginning",
    file: `${server}/core/access/policy.ts`,
    take: "target.owner === user)",
    leave: "target.owner?.startsWith(user) === true)",
    test: `${server}/auth/policy-access.test.ts`,
  },
  {
    guard: "owners are compared whole on every route",
    file: `${server}/core/access/policy.ts`,
    take: "target.owner === user)",
    leave: "user.startsWith(target.owner ?? user))",
    test: "packages/server/test/api-owners.test.ts",
  },
  {
    guard: "a role that is given counts from the next request on",
    file: `${server}/operations/access/create-binding.ts`,
    take: "roles.add(binding);",
    test: "packages/server/test/api-access.test.ts",
  },
  {
    guard: "a role that is taken away is gone with the next request",
    file: `${server}/operations/access/delete-binding.ts`,
    take: "roles.remove(id);",
    test: "packages/server/test/api-access.test.ts",
  },
  {
    guard: "others' rights are explained to whom they are no secret",
    file: `${server}/operations/access/explain-access.ts`,
    take: "permission, { owner: user });",
    leave: "permission);",
    test: "packages/server/test/api-access.test.ts",
  },
  {
    guard: "a caller's roles are those of the policy of now",
    file: `${server}/auth/policy-access.ts`,
    take: "known?.policy === policy",
    leave: "known !== undefined",
    test: `${server}/auth/policy-access.test.ts`,
  },
  {
    guard: "a binding that changes while bindings are read is not forgotten",
    file: `${server}/auth/roles.ts`,
    take: "if (changes === this.#changes) return",
    leave: "if (changes === this.#changes || stored !== undefined) return",
    test: `${server}/auth/roles.test.ts`,
  },
  {
    guard: "roles that somebody gives in the database itself count",
    file: `${server}/store/postgres/migrate.ts`,
    take: "DELETE ON role_binding",
    leave: "DELETE ON principal_lock",
    test: "packages/server/test/postgres-job-life.test.ts",
    title: "takes over locks and roles",
  },
  {
    guard: "an idempotency key is its owner's own",
    file: `${server}/store/queries/job/insert-job.ts`,
    take: `      .where("idempotency.owner", "=", toColumn(owner))\n`,
    test: "packages/server/test/store.test.ts",
    title: "replays to each owner",
  },
  {
    guard: "an idempotency key is its owner's own, over the API",
    file: `${server}/store/queries/job/insert-job.ts`,
    take: `      .where("idempotency.owner", "=", toColumn(owner))\n`,
    test: keys,
  },
  {
    guard: "the hash of a request knows what is in its files",
    file: `${server}/operations/jobs/submit/submitted-contents.ts`,
    take: "value: await hashOf(one, content)",
    leave: `value: ""`,
    test: keys,
  },
  {
    guard: "the hash of a request knows its stdin",
    file: `${server}/operations/jobs/submit/submitted-contents.ts`,
    take: "{ stdin: await hashOf(stdin, inputs.stdin ?? new Uint8Array()) }",
    leave: `{ stdin: "" }`,
    test: keys,
  },
  {
    guard: "a queue timeout fires",
    file: `${server}/reconciler/queue/queued-job.ts`,
    take: "clock.setTimer(clock.now() + limit.value - waited, () => {",
    leave: "clock.setTimer(Number.MAX_SAFE_INTEGER, () => {",
    test: lives,
    title: "wait in it is over",
  },
  {
    guard: "a queued job can be stopped",
    file: `${server}/reconciler/queue/queue.ts`,
    take: "if (this.#timers.has(jobId)) void this.#cancel(jobId);",
    test: lives,
    title: "are stopped in the queue",
  },
  {
    guard: "a queued job whose stop was stored before the server died is canceled",
    file: `${server}/reconciler/queue/queue.ts`,
    take: "if (this.#timers.has(id)) await this.#cancel(id);",
    test: `${server}/reconciler/reconciler.test.ts`,
    title: "cancels a queued job",
  },
  {
    guard: "a job is told its own id",
    file: `${server}/reconciler/walk/prepare/environment.ts`,
    take: "...job.spec.view.env, BERTH_JOB_ID: job.id",
    leave: "BERTH_JOB_ID: job.id, ...job.spec.view.env",
    test: lives,
    title: "is told its own id",
  },
  {
    guard: "finished jobs are forgotten at their age",
    file: `${sweeps}/retention.ts`,
    take: "await forgetOlderThan(context, { endedBefore: context.clock.now() - context.settings.keepJobsMs, signal });",
    test: `${sweeps}/retention.test.ts`,
  },
  {
    guard: "output of no job is removed",
    file: `${sweeps}/retention.ts`,
    take: "else await forgetOrphan(context, jobId);",
    test: `${sweeps}/retention.test.ts`,
  },
  {
    guard: "the oldest of whoever holds most goes first",
    file: `${sweeps}/retention.ts`,
    take: "await forgetLargerThan(context, { keepBytes: context.settings.keepOutputBytes, signal });",
    test: `${sweeps}/retention.test.ts`,
  },
  {
    guard: "inputs go from the database with the end of their job",
    file: `${server}/reconciler/end/end-job.ts`,
    take: "if (files !== undefined || stdin !== undefined || archive !== undefined)\n      await store.jobs.dropInputs(job.id);",
    test: `${server}/reconciler/reconciler.test.ts`,
    title: "forgets what a job brought with it",
  },
];
