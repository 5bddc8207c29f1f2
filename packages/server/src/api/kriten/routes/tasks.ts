import { definedName, operations, taskSpec, type TaskSpec } from "@berth/protocol";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Caller } from "../../../core/caller/caller.ts";
import { createDefinition } from "../../../operations/tasks/definitions/create-definition.ts";
import { deleteDefinition } from "../../../operations/tasks/definitions/delete-definition.ts";
import { getDefinition } from "../../../operations/tasks/definitions/get-definition.ts";
import { specOf as checkedSpec } from "../../../operations/tasks/definitions/kinds.ts";
import { updateDefinition } from "../../../operations/tasks/definitions/update-definition.ts";
import { showAll } from "../all-definitions.ts";
import { addKritenRoute, type KritenDoor, listed } from "../kriten-route.ts";
import { missingAs, saying } from "../refusal.ts";
import { shownTask } from "../shape/task.ts";
import { fromKritenSchema } from "../shape/task-schema.ts";

const kind = "task";
const schema = z.record(z.string(), z.unknown());
const body = z.object({
  name: definedName,
  runner: definedName,
  command: taskSpec.shape.command,
  synchronous: z.boolean().default(false),
  schema: schema.nullish(),
});

const exists = { status: 409, error: "task already exists, please use a different name" };
const missing = { status: 409, error: "task doesn't exist" };
const noRunner = { status: 400, error: "runner doesn't exist" };

export function addKritenTasks(app: FastifyInstance, door: KritenDoor): void {
  const { context } = door;
  const { listTasks, getTask, createTask, updateTask, deleteTask } = operations;

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path: "/tasks", permission: listTasks.permission, isNarrowed: true },
    async ({ caller, reply }) => listed(reply, await showAll(context, { caller, kind }, shownTask)),
  );

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path: "/tasks/:task", permission: getTask.permission },
    ({ caller, param }) =>
      missingAs("task not found", async () =>
        shownTask(await getDefinition(context, { caller, kind, name: param("task") })),
      ),
  );

  addKritenRoute(
    app,
    door,
    { methods: ["POST", "PUT"], path: "/tasks", permission: createTask.permission },
    async ({ caller, ...call }) => {
      const { name, ...said } = call.body(body);
      const spec = checkedSpec(kind, { ...specOf(said), ...(said.synchronous && { synchronous: true }) });
      const made = createDefinition(context, { caller, kind, name, spec });
      return shownTask(await saying(made, { TASK_EXISTS: exists, RUNNER_NOT_FOUND: noRunner }));
    },
  );

  addKritenRoute(
    app,
    door,
    { methods: ["PATCH", "PUT"], path: "/tasks/:task", permission: updateTask.permission },
    async ({ caller, param, ...call }) => {
      const said = call.body(body.omit({ name: true }));
      const patch = { ...specOf(said), synchronous: said.synchronous };
      return shownTask(await changed({ caller, name: param("task"), patch }));
    },
  );

  addKritenRoute(
    app,
    door,
    { methods: ["DELETE"], path: "/tasks/:task", permission: deleteTask.permission },
    async ({ caller, param }) => {
      const name = param("task");
      const bound = `cannot delete task ${name}, please remove associated webhooks first`;
      await saying(deleteDefinition(context, { caller, kind, name }), {
        TASK_NOT_FOUND: missing,
        TASK_IN_USE: { status: 502, error: bound },
      });
      return { msg: "task deleted successfully" };
    },
  );

  const changed = (change: { caller: Caller; name: string; patch: object }) =>
    saying(updateDefinition(context, { kind, seen: null, ...change }), {
      TASK_NOT_FOUND: missing,
      RUNNER_NOT_FOUND: noRunner,
    });

  addSchemas(app, door, changed);
}

/** What a task takes, by itself. */
function addSchemas(
  app: FastifyInstance,
  door: KritenDoor,
  changed: (change: { caller: Caller; name: string; patch: object }) => Promise<{
    name: string;
    spec: TaskSpec;
  }>,
): void {
  const { context } = door;
  const path = "/tasks/:task/schema";
  const none = { msg: "schema not found" };

  addKritenRoute(
    app,
    door,
    { methods: ["GET"], path, permission: operations.getTask.permission },
    ({ caller, param }) =>
      missingAs("schema not found", async () => {
        const { spec, name } = await getDefinition(context, { caller, kind, name: param("task") });
        return shownTask({ name, spec })["schema"] ?? none;
      }),
  );

  addKritenRoute(
    app,
    door,
    { methods: ["POST", "PUT"], path, permission: operations.updateTask.permission },
    async ({ caller, param, ...call }) => {
      const patch = { input: fromKritenSchema(call.body(schema)) };
      return shownTask(await changed({ caller, name: param("task"), patch }))["schema"];
    },
  );

  addKritenRoute(
    app,
    door,
    { methods: ["DELETE"], path, permission: operations.updateTask.permission },
    async ({ caller, param }) => {
      await changed({ caller, name: param("task"), patch: { input: null } });
      return { msg: "schema deleted successfully" };
    },
  );
}

function specOf({
  runner,
  command,
  schema: given,
}: Pick<z.output<typeof body>, "runner" | "command" | "schema">): Pick<
  TaskSpec,
  "runner" | "command" | "input"
> {
  return { runner, command, ...(given && { input: fromKritenSchema(given) }) };
}
