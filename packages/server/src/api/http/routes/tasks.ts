import { isTerminal } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import { waitOfRun } from "../../../core/task/wait-of-run.ts";
import type { Context } from "../../../operations/context.ts";
import { applyDefinitions } from "../../../operations/tasks/apply/apply-definitions.ts";
import { createDefinition } from "../../../operations/tasks/definitions/create-definition.ts";
import { deleteDefinition } from "../../../operations/tasks/definitions/delete-definition.ts";
import { diffDefinition } from "../../../operations/tasks/definitions/diff-definition.ts";
import { getDefinition } from "../../../operations/tasks/definitions/get-definition.ts";
import { listDefinitions } from "../../../operations/tasks/definitions/list-definitions.ts";
import { listVersions } from "../../../operations/tasks/definitions/list-versions.ts";
import { rollBackDefinition } from "../../../operations/tasks/definitions/roll-back-definition.ts";
import { updateDefinition } from "../../../operations/tasks/definitions/update-definition.ts";
import { waitForEnd } from "../../../operations/jobs/wait-for-end.ts";
import { getTaskSchema } from "../../../operations/tasks/get-task-schema.ts";
import { listTaskJobs } from "../../../operations/tasks/list-task-jobs.ts";
import { runTask } from "../../../operations/tasks/run-task.ts";
import { idempotencyKey } from "../input/idempotency-header.ts";
import { jobListText, jobText } from "../json/job-text.ts";
import { addOperation } from "../operation-route.ts";
import type { OpenAnswers } from "../streams/open-answers.ts";
import { seenVersion, showDefinition, viewDefinition, viewVersion } from "../json/definition-view.ts";

const kind = "task";

export function addTasks(
  app: FastifyInstance,
  { context, openAnswers }: { context: Context; openAnswers: OpenAnswers },
): void {
  addOperation(app, "applyDefinitions", ({ caller, query: { dryRun = false }, body }) =>
    applyDefinitions(context, { caller, definitions: body, dryRun }),
  );
  addOperation(app, "listTasks", async ({ caller, query }) => {
    const { items, next } = await listDefinitions(context, { caller, kind, filter: query });
    return { items: items.map(viewDefinition), next };
  });
  addOperation(app, "createTask", async ({ caller, body, reply }) =>
    showDefinition(reply, await createDefinition(context, { caller, kind, ...body })),
  );
  addOperation(app, "getTask", async ({ caller, params: { name }, query, reply }) =>
    showDefinition(reply, await getDefinition(context, { caller, kind, name, version: query.version })),
  );
  addOperation(app, "updateTask", async ({ caller, params: { name }, body, request, reply }) => {
    const seen = seenVersion(request);
    const changed = await updateDefinition(context, { caller, kind, name, seen, patch: body.spec });
    return showDefinition(reply, changed);
  });
  addOperation(app, "deleteTask", ({ caller, params: { name } }) =>
    deleteDefinition(context, { caller, kind, name }),
  );
  addOperation(app, "listTaskVersions", async ({ caller, params: { name }, query }) => {
    const { items, next } = await listVersions(context, { caller, kind, name, filter: query });
    return { items: items.map(viewVersion), next };
  });
  addOperation(app, "diffTask", ({ caller, params: { name }, query }) =>
    diffDefinition(context, { caller, kind, name, ...query }),
  );
  addOperation(
    app,
    "rollBackTask",
    async ({ caller, params: { name }, body: { version }, request, reply }) => {
      const seen = seenVersion(request);
      return showDefinition(reply, await rollBackDefinition(context, { caller, kind, name, seen, version }));
    },
  );
  addRuns(app, { context, openAnswers });
}

function addRuns(
  app: FastifyInstance,
  { context, openAnswers }: { context: Context; openAnswers: OpenAnswers },
): void {
  addOperation(app, "getTaskSchema", ({ caller, params: { name } }) =>
    getTaskSchema(context, { caller, name }),
  );

  addOperation(app, "listTaskJobs", async ({ caller, params: { name }, query, reply }) => {
    const signal = openAnswers.signalOf(reply.raw, caller);
    const { items, next } = await listTaskJobs(context, { caller, name, filter: query, signal });
    return jobListText(items, next);
  });

  addOperation(app, "runTask", async (call) => {
    const { caller, params, query, request, reply } = call;
    const { job, replayed, task } = await runTask(context, {
      caller,
      name: params.name,
      version: query.version,
      input: request.body instanceof Uint8Array ? request.body : new Uint8Array(),
      idempotencyKey: idempotencyKey(request),
    });
    // It may be megabytes, and the answer may be long in coming.
    request.body = undefined;
    reply.header("location", `/api/v1/jobs/${job.id}`);
    if (replayed) reply.header("idempotency-replayed", "true");
    const timeoutMs = waitOfRun(task.spec, query.wait);
    const signal = timeoutMs > 0 ? openAnswers.signalOf(reply.raw, caller) : null;
    const shown = signal ? await waitForEnd(context, { caller, id: job.id, timeoutMs, signal }) : job;
    if (!isTerminal(shown.state)) return jobText(shown);
    // It has ended, well or not: this is the answer, and no promise of one.
    const body = jobText(shown).body();
    await reply.code(200).type("application/json; charset=utf-8").send(body);
    return undefined;
  });
}
