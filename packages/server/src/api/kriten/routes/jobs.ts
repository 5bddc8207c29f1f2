import { definitionBounds, isTerminal, operations } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import type { Caller } from "../../../core/caller/caller.ts";
import { keyOf } from "../../../core/caller/principal.ts";
import type { Job } from "../../../core/job/job.ts";
import { isAlias } from "../../../core/task/job-alias.ts";
import { waitOfRun } from "../../../core/task/wait-of-run.ts";
import { isId } from "../../../lib/ids.ts";
import type { Context } from "../../../operations/context.ts";
import { getJob } from "../../../operations/jobs/get-job.ts";
import { listJobs } from "../../../operations/jobs/list-jobs.ts";
import { waitForEnd } from "../../../operations/jobs/wait-for-end.ts";
import { getTaskSchema } from "../../../operations/tasks/get-task-schema.ts";
import { runTask } from "../../../operations/tasks/run-task.ts";
import { midStreamFailure } from "../../http/errors.ts";
import { sendStream } from "../../http/streams/send-stream.ts";
import { beginningOf, logOf } from "../job-output.ts";
import { addKritenRoute, type KritenCall, type KritenDoor, listed } from "../kriten-route.ts";
import { missingAs, Refusal, saying } from "../refusal.ts";
import { jobRow, kritenId, wholeJob } from "../shape/job.ts";
import { toKritenSchema } from "../shape/task-schema.ts";

/** Kriten forgets jobs after an hour; here they stay, and the newest are listed. */
const MOST_LISTED = 1000;
const PAGE = 100;

const noJob = { status: 500, error: "no pods found - check job ID" };
const noTask = { status: 500, error: "task not found" };
const notCloned = "failed to clone repo: wrong repo url or incorrect credentials.";
const notPulled = "failed to pull application container image from container registry.";

export function addKritenJobs(app: FastifyInstance, door: KritenDoor): void {
  const { context, openAnswers, events } = door;
  const { listJobs: list, getJob: show, readOutput } = operations;

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path: "/jobs", permission: list.permission, isNarrowed: true },
    async ({ caller, reply }) => {
      const signal = openAnswers.signalOf(reply.raw, caller);
      return listed(reply, (await newestJobs(context, { caller, signal })).map(jobRow));
    },
  );

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path: "/jobs/:job", permission: show.permission },
    async (call) => {
      const job = await jobOf(context, call);
      refuseUnmade(job);
      const signal = openAnswers.signalOf(call.reply.raw, call.caller);
      return wholeJob(job, await beginningOf(context, { caller: call.caller, job, signal }));
    },
  );

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path: "/jobs/:job/log", permission: readOutput.permission },
    async (call) => {
      const { caller, request, reply } = call;
      const job = await jobOf(context, call);
      const signal = openAnswers.streamOf(reply.raw, caller);
      await sendStream(reply, logOf(context, { caller, job, signal }), {
        contentType: "text/plain; charset=utf-8",
        signal,
        turn: () => context.turns.pass(keyOf(caller.principal)),
        eager: false,
        onError: (error) => events.requestFailed(midStreamFailure(request, error)),
      });
    },
  );
  addRuns(app, door);
}

/** Here the name of a task stands in the place of a job's. */
function addRuns(app: FastifyInstance, door: KritenDoor): void {
  const { context } = door;
  const { getTaskSchema: schema, runTask: run } = operations;

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path: "/jobs/:job/schema", permission: schema.permission },
    ({ caller, param }) =>
      missingAs("schema not found", async () => {
        const found = await getTaskSchema(context, { caller, name: param("job") });
        return Object.keys(found).length === 0 ? { msg: "schema not found" } : toKritenSchema(found);
      }),
  );

  addKritenRoute(
    app,
    door,
    {
      methods: ["POST", "PUT"],
      path: "/jobs/:job",
      permission: run.permission,
      most: definitionBounds.input,
    },
    (call) => runIn(door, call, call.param("job")),
  );
}

/** Runs a task; a synchronous one that succeeds in time is answered whole, any other with its id, as Kriten does. */
async function runIn(
  { context, openAnswers }: KritenDoor,
  { bytes: input, request, reply, caller }: Pick<KritenCall, "bytes" | "request" | "reply" | "caller">,
  name: string,
): Promise<unknown> {
  const { job, task } = await saying(
    runTask(context, { caller, name, input, idempotencyKey: null, origin: "kriten" }),
    {
      TASK_NOT_FOUND: noTask,
      RUNNER_NOT_FOUND: noTask,
    },
  );
  // It may be megabytes, and the answer may be long in coming.
  request.body = undefined;
  const timeoutMs = waitOfRun(task.spec, undefined);
  const created = { msg: "job created successfully", id: kritenId(job) };
  if (timeoutMs === 0) return created;
  const signal = openAnswers.signalOf(reply.raw, caller);
  const ended = await waitForEnd(context, { caller, id: job.id, timeoutMs, signal });
  if (ended.state !== "succeeded") return created;
  return wholeJob(ended, await beginningOf(context, { caller, job: ended, signal }));
}

/** By its alias, else by its id: what can be neither is answered like what is not there. */
async function jobOf(
  context: Context,
  { caller, param }: Pick<KritenCall, "caller" | "param">,
): Promise<Job> {
  const id = param("job");
  if (!isAlias(id) && !isId(id)) throw new Refusal("JOB_NOT_FOUND", noJob);
  return await saying(getJob(context, { caller, id }), { JOB_NOT_FOUND: noJob });
}

/** Where nothing of the user's was run, Kriten says why, and nothing else. */
function refuseUnmade({ state, cause }: Job): void {
  if (!isTerminal(state)) return;
  if (cause?.code === "source_failed")
    throw new Refusal("ENGINE_UNABLE", { status: 500, error: notCloned, reason: cause.message });
  if (cause?.code === "image_failed")
    throw new Refusal("ENGINE_UNABLE", { status: 500, error: notPulled, reason: cause.message });
}

async function newestJobs(
  context: Context,
  { caller, signal }: { caller: Caller; signal: AbortSignal },
): Promise<Job[]> {
  const jobs: Job[] = [];
  let cursor: string | undefined;
  do {
    const filter = { limit: PAGE, cursor };
    const { items, next } = await listJobs(context, { caller, filter, signal });
    jobs.push(...items);
    cursor = next ?? undefined;
  } while (cursor !== undefined && jobs.length < MOST_LISTED);
  return jobs;
}
