import { definedName, operations, type ScheduleSpec } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Caller } from "../../../core/caller/caller.ts";
import type { Context } from "../../../operations/context.ts";
import { withStates } from "../../../operations/tasks/schedules/known-schedule.ts";
import { pauseSchedule, resumeSchedule } from "../../../operations/tasks/schedules/pause-schedule.ts";
import { createDefinition } from "../../../operations/tasks/definitions/create-definition.ts";
import { deleteDefinition } from "../../../operations/tasks/definitions/delete-definition.ts";
import type { Known } from "../../../operations/tasks/definitions/find-definition.ts";
import { getDefinition } from "../../../operations/tasks/definitions/get-definition.ts";
import { specOf as checkedSpec } from "../../../operations/tasks/definitions/kinds.ts";
import { updateDefinition } from "../../../operations/tasks/definitions/update-definition.ts";
import { getTaskSchema } from "../../../operations/tasks/get-task-schema.ts";
import { allDefinitions } from "../all-definitions.ts";
import { addKritenRoute, type KritenDoor, listed } from "../kriten-route.ts";
import { missingAs, saying } from "../refusal.ts";
import { toKritenSchema } from "../shape/task-schema.ts";

const kind = "schedule";
const body = z.object({
  name: definedName,
  task: definedName,
  schedule: z.string().min(1).max(200),
  disable: z.boolean().default(false),
  extra_vars: z.unknown().optional(),
});
type Said = z.output<typeof body>;

const missing = { status: 500, error: "cronjob not found" };
const exists = { status: 502, error: "cronjob already exists, please use a different name" };
const noTask = { status: 400, error: "task doesn't exist" };
const one = "/cronjobs/:cronjob";

/** Kriten's cronjobs are schedules: what comes of one is a job like any run of its task. */
export function addKritenCronjobs(app: FastifyInstance, door: KritenDoor): void {
  const { context } = door;
  const { listSchedules: list, getSchedule: show, getTaskSchema: schema } = operations;

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path: "/cronjobs", permission: list.permission },
    async ({ caller, reply }) => {
      const all: Known<"schedule">[] = [];
      for await (const found of allDefinitions(context, { caller, kind })) all.push(found);
      return listed(reply, await shownCronjobs(context, all));
    },
  );

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path: one, permission: show.permission },
    async ({ caller, param }) => {
      const asked = getDefinition(context, { caller, kind, name: param("cronjob") });
      const [shown] = await shownCronjobs(context, [await saying(asked, { SCHEDULE_NOT_FOUND: missing })]);
      return shown;
    },
  );

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path: `${one}/schema`, permission: schema.permission },
    // Here the name of a task stands in the place of a cronjob's, as it does for jobs.
    ({ caller, param }) =>
      missingAs("schema not found", async () => {
        const found = await getTaskSchema(context, { caller, name: param("cronjob") });
        return Object.keys(found).length === 0 ? { msg: "schema not found" } : toKritenSchema(found);
      }),
  );
  addWrites(app, door);
}

function addWrites(app: FastifyInstance, door: KritenDoor): void {
  const { context } = door;
  const { createSchedule: create, updateSchedule: change, deleteSchedule: remove } = operations;

  addKritenRoute(
    app,
    door,
    { methods: ["POST", "PUT"], path: "/cronjobs", permission: create.permission },
    async ({ caller, ...call }) => {
      const { name, disable, ...said } = call.body(body);
      const made = createDefinition(context, { caller, kind, name, spec: checkedSpec(kind, specOf(said)) });
      await saying(made, { SCHEDULE_EXISTS: exists, TASK_NOT_FOUND: noTask });
      if (disable) await pauseSchedule(context, { caller, name });
      return { msg: "job created successfully", id: name };
    },
  );

  addKritenRoute(
    app,
    door,
    { methods: ["PATCH", "PUT"], path: one, permission: change.permission },
    async ({ caller, param, ...call }) => {
      const { disable, ...said } = call.body(body.omit({ name: true }));
      const name = param("cronjob");
      const changed = updateDefinition(context, { caller, kind, name, seen: null, patch: specOf(said) });
      const found = await saying(changed, { SCHEDULE_NOT_FOUND: missing, TASK_NOT_FOUND: noTask });
      await setPaused(context, { caller, name, disable });
      const [shown] = await shownCronjobs(context, [found]);
      return shown;
    },
  );

  addKritenRoute(
    app,
    door,
    { methods: ["DELETE"], path: one, permission: remove.permission },
    async ({ caller, param }) => {
      await saying(deleteDefinition(context, { caller, kind, name: param("cronjob") }), {
        SCHEDULE_NOT_FOUND: missing,
      });
      return { msg: "cronjob deleted successfully" };
    },
  );
}

/** Nothing is recorded of what is so already. */
async function setPaused(
  context: Context,
  { caller, name, disable }: { caller: Caller; name: string; disable: boolean },
): Promise<void> {
  const known = await getDefinition(context, { caller, kind, name });
  const [{ state } = { state: null }] = await withStates(context, [known]);
  const isPaused = (state?.pausedAt ?? null) !== null;
  if (isPaused === disable) return;
  await (disable ? pauseSchedule(context, { caller, name }) : resumeSchedule(context, { caller, name }));
}

function specOf({ task, schedule: cron, extra_vars: input }: Omit<Said, "name" | "disable">): ScheduleSpec {
  return { task, cron, ...(input !== undefined && input !== null && { input }) };
}

async function shownCronjobs(context: Context, all: readonly Known<"schedule">[]): Promise<object[]> {
  return (await withStates(context, all)).map(({ name, owner, spec, state }) => ({
    name,
    owner,
    task: spec.task,
    schedule: spec.cron,
    disable: state.pausedAt !== null,
    extra_vars: spec.input ?? {},
  }));
}
