import type { FastifyInstance } from "fastify";
import type { Context } from "../../../operations/context.ts";
import {
  type KnownSchedule,
  withState,
  withStates,
} from "../../../operations/tasks/schedules/known-schedule.ts";
import { listScheduleRuns } from "../../../operations/tasks/schedules/list-runs.ts";
import { pauseSchedule, resumeSchedule } from "../../../operations/tasks/schedules/pause-schedule.ts";
import { previewSchedule } from "../../../operations/tasks/schedules/preview-schedule.ts";
import { createDefinition } from "../../../operations/tasks/definitions/create-definition.ts";
import { deleteDefinition } from "../../../operations/tasks/definitions/delete-definition.ts";
import { diffDefinition } from "../../../operations/tasks/definitions/diff-definition.ts";
import { getDefinition } from "../../../operations/tasks/definitions/get-definition.ts";
import { listDefinitions } from "../../../operations/tasks/definitions/list-definitions.ts";
import { listVersions } from "../../../operations/tasks/definitions/list-versions.ts";
import { rollBackDefinition } from "../../../operations/tasks/definitions/roll-back-definition.ts";
import { updateDefinition } from "../../../operations/tasks/definitions/update-definition.ts";
import { addOperation } from "../operation-route.ts";
import { seenVersion, showDefinition, viewDefinition, viewVersion } from "../json/definition-view.ts";

const kind = "schedule";

type Run = Awaited<ReturnType<typeof listScheduleRuns>>["items"][number];

export function addSchedules(app: FastifyInstance, { context }: { context: Context }): void {
  addOperation(app, "listSchedules", async ({ caller, query }) => {
    const { items, next } = await listDefinitions(context, { caller, kind, filter: query });
    return { items: (await withStates(context, items)).map(viewSchedule), next };
  });
  addOperation(app, "createSchedule", async ({ caller, body, reply }) => {
    const made = await createDefinition(context, { caller, kind, ...body });
    showDefinition(reply, made);
    return viewSchedule(await withState(context, made));
  });
  addOperation(app, "getSchedule", async ({ caller, params: { name }, query, reply }) => {
    const found = await getDefinition(context, { caller, kind, name, version: query.version });
    showDefinition(reply, found);
    return viewSchedule(await withState(context, found));
  });
  addOperation(app, "updateSchedule", async ({ caller, params: { name }, body, request, reply }) => {
    const seen = seenVersion(request);
    const changed = await updateDefinition(context, { caller, kind, name, seen, patch: body.spec });
    showDefinition(reply, changed);
    return viewSchedule(await withState(context, changed));
  });
  addOperation(app, "deleteSchedule", ({ caller, params: { name } }) =>
    deleteDefinition(context, { caller, kind, name }),
  );
  addVersions(app, { context });
  addClock(app, { context });
}

function addVersions(app: FastifyInstance, { context }: { context: Context }): void {
  addOperation(app, "listScheduleVersions", async ({ caller, params: { name }, query }) => {
    const { items, next } = await listVersions(context, { caller, kind, name, filter: query });
    return { items: items.map(viewVersion), next };
  });
  addOperation(app, "diffSchedule", ({ caller, params: { name }, query }) =>
    diffDefinition(context, { caller, kind, name, ...query }),
  );
  addOperation(
    app,
    "rollBackSchedule",
    async ({ caller, params: { name }, body: { version }, request, reply }) => {
      const seen = seenVersion(request);
      const changed = await rollBackDefinition(context, { caller, kind, name, seen, version });
      showDefinition(reply, changed);
      return viewSchedule(await withState(context, changed));
    },
  );
}

function addClock(app: FastifyInstance, { context }: { context: Context }): void {
  addOperation(app, "previewSchedule", async ({ caller, params: { name }, query: { count } }) => {
    const { zone, instants } = await previewSchedule(context, { caller, name, count });
    return { zone, items: instants.map(iso) };
  });
  addOperation(app, "listScheduleRuns", async ({ caller, params: { name }, query }) => {
    const { items, next } = await listScheduleRuns(context, { caller, name, filter: query });
    return { items: items.map(viewRun), next };
  });
  addOperation(app, "pauseSchedule", async ({ caller, params: { name } }) =>
    viewSchedule(await pauseSchedule(context, { caller, name })),
  );
  addOperation(app, "resumeSchedule", async ({ caller, params: { name } }) =>
    viewSchedule(await resumeSchedule(context, { caller, name })),
  );
}

function viewSchedule({ state, ...known }: KnownSchedule) {
  const { nextAt, lastAt, pausedAt, pausedWhy } = state;
  return {
    ...viewDefinition(known),
    nextAt: nextAt === null || pausedAt !== null ? null : iso(nextAt),
    lastAt: lastAt === null ? null : iso(lastAt),
    paused: pausedAt === null ? null : { at: iso(pausedAt), why: pausedWhy },
  };
}

function viewRun({ dueAt, at, outcome, jobId, why, missed }: Run) {
  return { dueAt: iso(dueAt), at: iso(at), outcome, job: jobId, why, missed };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
