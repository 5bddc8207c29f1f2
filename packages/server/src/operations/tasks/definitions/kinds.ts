import {
  BerthError,
  operations,
  type Permission,
  type RunnerSpec,
  runnerSpec,
  type ScheduleSpec,
  scheduleSpec,
  type TaskSpec,
  taskSpec,
  type WebhookSpec,
  webhookSpec,
} from "@berth/protocol";
import { check, requestInvalid } from "../../../core/input/check.ts";
import type { DefinitionKind } from "../../../core/task/definition.ts";

/** What a definition of each kind says. */
export interface SpecOf {
  runner: RunnerSpec;
  task: TaskSpec;
  schedule: ScheduleSpec;
  webhook: WebhookSpec;
}

interface Kind {
  permissions: Readonly<Record<"list" | "create" | "read" | "update" | "delete", Permission>>;
  exists: "RUNNER_EXISTS" | "TASK_EXISTS" | "SCHEDULE_EXISTS" | "WEBHOOK_EXISTS";
  missing: "RUNNER_NOT_FOUND" | "TASK_NOT_FOUND" | "SCHEDULE_NOT_FOUND" | "WEBHOOK_NOT_FOUND";
  /** While something belongs to it. */
  inUse: "RUNNER_IN_USE" | "TASK_IN_USE";
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
    inUse: "RUNNER_IN_USE",
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
    inUse: "TASK_IN_USE",
  },
  schedule: {
    permissions: {
      list: operations.listSchedules.permission,
      create: operations.createSchedule.permission,
      read: operations.getSchedule.permission,
      update: operations.updateSchedule.permission,
      delete: operations.deleteSchedule.permission,
    },
    exists: "SCHEDULE_EXISTS",
    missing: "SCHEDULE_NOT_FOUND",
    // Nothing belongs to one.
    inUse: "TASK_IN_USE",
  },
  webhook: {
    permissions: {
      list: operations.listWebhooks.permission,
      create: operations.createWebhook.permission,
      read: operations.getWebhook.permission,
      update: operations.updateWebhook.permission,
      delete: operations.deleteWebhook.permission,
    },
    exists: "WEBHOOK_EXISTS",
    missing: "WEBHOOK_NOT_FOUND",
    // As of a schedule.
    inUse: "TASK_IN_USE",
  },
} as const satisfies Record<DefinitionKind, Kind>;

/** Throws REQUEST_INVALID where the whole does not fit, whatever of it was asked for. */
export function specOf<K extends DefinitionKind>(kind: K, value: unknown): SpecOf[K] {
  const checked = checkOf(kind, value);
  if ("problems" in checked)
    throw requestInvalid(checked.problems.map((one) => ({ ...one, field: `spec.${one.field}` })));
  // By the schema of the same kind.
  return checked.value as SpecOf[K];
}

function checkOf(kind: DefinitionKind, value: unknown) {
  switch (kind) {
    case "runner":
      return check(runnerSpec, value);
    case "task":
      return check(taskSpec, value);
    case "schedule":
      return check(scheduleSpec, value);
    case "webhook":
      return check(webhookSpec, value);
  }
}

export function notFound(kind: DefinitionKind, name: string): BerthError {
  return new BerthError(kinds[kind].missing, `Cannot find ${kind} "${name}"`);
}
