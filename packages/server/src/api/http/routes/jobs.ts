import { type Job as JobBody, longestWaitMs, parseDuration, type TaskRun } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import type { Job } from "../../../core/job/job.ts";
import { viewStage } from "../../../core/job/job-view.ts";
import type { Context } from "../../../operations/context.ts";
import { viewDelivery } from "../../../core/job/delivery/view-delivery.ts";
import { listDeliveries } from "../../../operations/tasks/deliveries/list-deliveries.ts";
import { resendDelivery } from "../../../operations/tasks/deliveries/resend-delivery.ts";
import { checkJob } from "../../../operations/jobs/check-job.ts";
import { deleteJob } from "../../../operations/jobs/delete-job.ts";
import { extendJob } from "../../../operations/jobs/extend-job.ts";
import { getJob } from "../../../operations/jobs/get-job.ts";
import { includedOutput } from "../../../operations/jobs/included-output.ts";
import { listStages } from "../../../operations/jobs/list-stages.ts";
import { listJobs } from "../../../operations/jobs/list-jobs.ts";
import { readResult } from "../../../operations/jobs/read-result.ts";
import { stopJob } from "../../../operations/jobs/stop-job.ts";
import { submitJob } from "../../../operations/jobs/submit-job.ts";
import { waitForEnd } from "../../../operations/jobs/wait-for-end.ts";
import { type RunRequest, runTask } from "../../../operations/tasks/run-task.ts";
import { idempotencyKey } from "../input/idempotency-header.ts";
import { jobListText, jobText } from "../json/job-text.ts";
import { JsonText } from "../json/json-text.ts";
import { addOperation, type Call } from "../operation-route.ts";
import type { OpenAnswers } from "../streams/open-answers.ts";

export function addJobs(
  app: FastifyInstance,
  { context, openAnswers }: { context: Context; openAnswers: OpenAnswers },
): void {
  /** The job as the query asks for it: at its end, and with its output. */
  async function answer(
    { query, caller, reply }: Call<"getJob" | "submitJob">,
    job: Job,
    stagesOf: (shown: Job) => Promise<Pick<JobBody, "stages">> = () => Promise.resolve({}),
  ): Promise<JsonText> {
    const timeoutMs = Math.min(milliseconds(query.wait) ?? 0, longestWaitMs);
    const signal = timeoutMs > 0 ? openAnswers.signalOf(reply.raw, caller) : null;
    const shown = signal ? await waitForEnd(context, { caller, id: job.id, timeoutMs, signal }) : job;
    return jobText(shown, {
      ...(query.include === "output" && (await includedOutput(context, { caller, job: shown }))),
      ...(await stagesOf(shown)),
    });
  }

  addOperation(app, "submitJob", async (call) => {
    const { caller, request, reply } = call;
    const asked = { caller, idempotencyKey: idempotencyKey(request) };
    const { job, replayed } = isTaskRun(call.body)
      ? await runTask(context, { ...asked, ...wordsOf(call.body) })
      : await submitJob(context, { ...asked, spec: call.body });
    // It may be megabytes, and the answer may be long in coming.
    Object.assign(call, { body: undefined });
    request.body = undefined;
    reply.header("location", `${request.routeOptions.url}/${job.id}`);
    if (replayed) reply.header("idempotency-replayed", "true");
    return answer(call, job);
  });

  addOperation(app, "checkJob", ({ caller, body }) => checkJob(context, { caller, spec: body }));

  addOperation(app, "listJobs", async ({ caller, query, reply }) => {
    const signal = openAnswers.signalOf(reply.raw, caller);
    const { items, next } = await listJobs(context, { caller, filter: query, signal });
    return jobListText(items, next);
  });

  addOperation(app, "getJob", async (call) => {
    const { caller, params } = call;
    return answer(call, await getJob(context, { caller, id: params.id }), async (job) => ({
      stages: (await listStages(context, { caller, job })).map(viewStage),
    }));
  });

  addOperation(app, "stopJob", async ({ caller, params: { id }, body }) =>
    jobText(await stopJob(context, { caller, id, graceMs: milliseconds(body.grace) })),
  );

  addOperation(app, "extendJob", async ({ caller, params: { id }, body }) =>
    jobText(await extendJob(context, { caller, id, byMs: milliseconds(body.by) ?? 0 })),
  );

  addOperation(app, "deleteJob", ({ caller, params: { id } }) => deleteJob(context, { caller, id }));

  addDeliveries(app, context);

  addOperation(
    app,
    "readResult",
    async ({ caller, params: { id } }) => new JsonText(await readResult(context, { caller, id })),
  );
}

function addDeliveries(app: FastifyInstance, context: Context): void {
  addOperation(app, "listDeliveries", async ({ caller, params: { id } }) => {
    const all = await listDeliveries(context, { caller, id });
    return { items: all.map(({ delivery, attempts }) => viewDelivery(delivery, attempts)) };
  });

  addOperation(app, "resendDelivery", async ({ caller, params: { id, delivery }, body }) => {
    const sent = await resendDelivery(context, { caller, id, delivery, attempts: body.attempts });
    return viewDelivery(sent.delivery, sent.attempts);
  });
}

function isTaskRun(body: Call<"submitJob">["body"]): body is TaskRun {
  return "task" in body;
}

function wordsOf({
  task: name,
  input,
  version,
  ...words
}: TaskRun): Omit<RunRequest, "caller" | "idempotencyKey"> {
  const text = input === undefined ? "" : JSON.stringify(input);
  return { name, version, input: Buffer.from(text), ...(Object.keys(words).length > 0 && { words }) };
}

/** The schema has seen to its form. */
function milliseconds(text: string | undefined): number | null {
  return text === undefined ? null : parseDuration(text);
}
