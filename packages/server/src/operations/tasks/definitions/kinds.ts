import {
  BerthError,
  operations,
  type Permission,
  type RunnerSpec,
  runnerSpec,
  type TaskSpec,
  taskSpec,
} from "@berth/protocol";
import { check, requestInvalid } from "../../../core/input/check.ts";
import type { DefinitionKind } from "../../../core/task/definition.ts";

/** What a definition of each kind says. */
export interface SpecOf {
  runner: RunnerSpec;
  task: TaskSpec;
}

interface Kind {
  permissions: Readonly<Record<"list" | "create" | "read" | "update" | "delete", Permission>>;
  exists: "RUNNER_EXISTS" | "TASK_EXISTS";
  missing: "RUNNER_NOT_FOUND" | "TASK_NOT_FOUND";
}

export const kinds = {
  runner: {
    permissions: {
      list: operations.listRunners.permission,
      create: operations.createRunner.permission,
      read: operations.getRunner.permission,
      update: operations.updateRunner.permission,
      delete: operations.deleteRunner.permission,
    },
    exists: "RUNNER_EXISTS",
    missing: "RUNNER_NOT_FOUND",
  },
  task: {
    permissions: {
      list: operations.listTasks.permission,
      create: operations.createTask.permission,
      read: operations.getTask.permission,
      update: operations.updateTask.permission,
      delete: operations.deleteTask.permission,
    },
    exists: "TASK_EXISTS",
    missing: "TASK_NOT_FOUND",
  },
} as const satisfies Record<DefinitionKind, Kind>;

/** Throws REQUEST_INVALID where the whole does not fit, whatever of it was asked for. */
export function specOf<K extends DefinitionKind>(kind: K, value: unknown): SpecOf[K] {
  const checked = kind === "runner" ? check(runnerSpec, value) : check(taskSpec, value);
  if ("problems" in checked)
    throw requestInvalid(checked.problems.map((one) => ({ ...one, field: `spec.${one.field}` })));
  // By the schema of the same kind.
  return checked.value as SpecOf[K];
}

export function notFound(kind: DefinitionKind, name: string): BerthError {
  return new BerthError(kinds[kind].missing, `Cannot find ${kind} "${name}"`);
}
