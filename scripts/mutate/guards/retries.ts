import type { Guard } from "./guard.ts";

const server = "packages/server/src";
const atEnd = `${server}/core/task/retry/retry-at-end.ts`;
const atEndTest = `${server}/core/task/retry/retry-at-end.test.ts`;
const run = `${server}/operations/tasks/retry-run.ts`;
const take = `${server}/store/queries/definitions/take-retry.ts`;
const stores = "packages/server/test/store.test.ts";
const runs = "packages/server/test/task-retries.test.ts";
const beside = "packages/server/test/task-retries-beside.test.ts";

/** What runs a task again after faults that are not its own, and nothing else, and once. */
export const retries: readonly Guard[] = [
  {
    guard: "a run is made again once, whichever servers come to it",
    file: take,
    take: '    .where("retry_at", "=", from)\n',
    test: "packages/server/test/task-retry-races.test.ts",
  },
  {
    guard: "a run that is made again is stored with what it is made of, and not without",
    file: take,
    take: "{ query, exactly: 1 }",
    leave: "{ query }",
    test: stores,
    title: "made once of many that try",
  },
  {
    guard: "a refusal is told with it, or not at all",
    file: take,
    take: "{ query, exactly: 1 }",
    leave: "{ query }",
    test: stores,
    title: "told of a refusal",
  },
  {
    guard: "no run is made again for what its command has done",
    file: atEnd,
    take: 'code === "engine_failed" || code === "lost"',
    leave: 'code !== "source_failed"',
    test: runs,
    title: "the command itself has failed",
  },
  {
    guard: "no run is made again whose host refuses it",
    file: atEnd,
    take: 'return passing.has(evidence["reason"]);',
    leave: "return passing.size > 0;",
    test: "packages/server/test/task-retries-git.test.ts",
    title: "where the host refuses it",
  },
  {
    guard: "no run is made again that somebody wanted stopped",
    file: atEnd,
    take: "task === null || stop !== null",
    leave: "task === null",
    test: atEndTest,
    title: "is made again after",
  },
  {
    guard: "a command that may have run is run again only where that does no harm",
    file: atEnd,
    take: " || (mayHaveRun && !idempotent)",
    test: runs,
    title: "only if that does no harm",
  },
  {
    guard: "a run is made again so many times",
    file: atEnd,
    take: "attempt > most",
    leave: "attempt > most + 5",
    test: runs,
    title: "at most so many times",
  },
  {
    guard: "a run is made again as its owner, who must be allowed to by then",
    file: run,
    take: "asOwner(context, owner, {",
    leave: 'asOwner(context, owner && "admin", {',
    test: runs,
    title: "may not run it any more",
  },
  {
    guard: "no run is made again before its time",
    file: run,
    take: "at > now() || ",
    test: beside,
    title: "is put off while the queue is full",
  },
  {
    guard: "a run that finds no room is put off",
    file: run,
    take: "error.retryable && !isLate",
    leave: "error.retryable && isLate",
    test: beside,
    title: "is put off while the queue is full",
  },
  {
    guard: "what finds no room for a day is given up",
    file: run,
    take: "error.retryable && !isLate",
    leave: "error.retryable",
    test: beside,
    title: "is put off while the queue is full",
  },
  {
    guard: "whoever was told that a run is made again is told where it is not",
    file: run,
    take: "{ why, deliveries }",
    leave: "{ why, deliveries: [] }",
    test: beside,
    title: "where it is not made again after all",
  },
  {
    guard: "who hears of an end hears whether it is the last",
    file: `${server}/core/job/delivery/message-of.ts`,
    take: "task, retry, ...how",
    leave: "task, retry: retry && undefined, ...how",
    test: beside,
    title: "whether that was the last",
  },
  {
    guard: "a run that is made again takes nobody's place",
    file: `${server}/operations/tasks/run-task.ts`,
    take: ' === "replace" && retries === undefined',
    leave: ' === "replace"',
    test: beside,
    title: "takes nobody's place",
  },
  {
    guard: "what a run is made again of is kept until then",
    file: `${server}/store/queries/ended/drop-inputs.ts`,
    take: '    .where("job.retry_at", "is", null)\n',
    test: stores,
    title: "whatever is swept",
  },
  {
    guard: "no job is swept that is to be run again",
    file: `${server}/store/queries/ended/finished-jobs.ts`,
    take: '\n    .where("retry_at", "is", null)',
    test: stores,
    title: "whatever is swept",
  },
  {
    guard: "the inputs of a run that is made again are left to it",
    file: `${server}/reconciler/end/end-job.ts`,
    take: "    if (job.retry?.at !== undefined) return;\n",
    test: runs,
    title: "with all that it was made with",
  },
  {
    guard: "nobody is shown a job as it was before it was run again",
    file: `${server}/store/queries/live/recent-jobs.ts`,
    take: "    if (job.retry?.at !== undefined) return;\n",
    test: runs,
    title: "with all that it was made with",
  },
];
