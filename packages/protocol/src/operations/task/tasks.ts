import { routes } from "../../routes.ts";
import { job, jobList } from "../../schemas/job.ts";
import {
  definitionQuery,
  difference,
  differenceQuery,
  listDefinitionsQuery,
  listVersionsQuery,
  rollbackBody,
} from "../../schemas/task/definition.ts";
import {
  createRunnerBody,
  runner,
  runnerList,
  runnerVersionList,
  updateRunnerBody,
} from "../../schemas/task/runner.ts";
import {
  createTaskBody,
  listTaskJobsQuery,
  runTaskQuery,
  task,
  taskList,
  taskSchema,
  taskVersionList,
  updateTaskBody,
} from "../../schemas/task/task.ts";
import {
  createScheduleBody,
  nextRuns,
  nextRunsQuery,
  schedule,
  scheduleList,
  scheduleRunList,
  scheduleVersionList,
  updateScheduleBody,
} from "../../schemas/task/schedule.ts";
import type { Operation } from "../operation.ts";

export const runnerOperations = {
  listRunners: {
    ...routes.listRunners,
    summary: "List runners, by name",
    permission: { resource: "runners", verb: "list" },
    query: listDefinitionsQuery,
    success: { status: 200, body: runnerList },
  },
  createRunner: {
    ...routes.createRunner,
    summary: "Define a runner",
    permission: { resource: "runners", verb: "create" },
    body: createRunnerBody,
    success: { status: 201, body: runner },
  },
  getRunner: {
    ...routes.getRunner,
    summary: "Show a runner, as it is or as it was",
    permission: { resource: "runners", verb: "read" },
    query: definitionQuery,
    success: { status: 200, body: runner },
  },
  updateRunner: {
    ...routes.updateRunner,
    summary: "Change fields of a runner, as a new version",
    permission: { resource: "runners", verb: "update" },
    body: updateRunnerBody,
    success: { status: 200, body: runner },
  },
  deleteRunner: {
    ...routes.deleteRunner,
    summary: "Delete a runner that no task belongs to",
    permission: { resource: "runners", verb: "delete" },
    success: { status: 204, body: null },
  },
  listRunnerVersions: {
    ...routes.listRunnerVersions,
    summary: "List what a runner has said, newest first",
    permission: { resource: "runners", verb: "read" },
    query: listVersionsQuery,
    success: { status: 200, body: runnerVersionList },
  },
  diffRunner: {
    ...routes.diffRunner,
    summary: "Tell two versions of a runner apart",
    permission: { resource: "runners", verb: "read" },
    query: differenceQuery,
    success: { status: 200, body: difference },
  },
  rollBackRunner: {
    ...routes.rollBackRunner,
    summary: "Put an earlier version of a runner in force again, as a new one",
    permission: { resource: "runners", verb: "update" },
    body: rollbackBody,
    success: { status: 200, body: runner },
  },
} as const satisfies Record<string, Operation>;

export const taskOperations = {
  listTasks: {
    ...routes.listTasks,
    summary: "List tasks, by name",
    permission: { resource: "tasks", verb: "list" },
    query: listDefinitionsQuery,
    success: { status: 200, body: taskList },
  },
  createTask: {
    ...routes.createTask,
    summary: "Define a task",
    permission: { resource: "tasks", verb: "create" },
    body: createTaskBody,
    success: { status: 201, body: task },
  },
  getTask: {
    ...routes.getTask,
    summary: "Show a task, as it is or as it was",
    permission: { resource: "tasks", verb: "read" },
    query: definitionQuery,
    success: { status: 200, body: task },
  },
  updateTask: {
    ...routes.updateTask,
    summary: "Change fields of a task, as a new version",
    permission: { resource: "tasks", verb: "update" },
    body: updateTaskBody,
    success: { status: 200, body: task },
  },
  deleteTask: {
    ...routes.deleteTask,
    summary: "Delete a task; its jobs stay",
    permission: { resource: "tasks", verb: "delete" },
    success: { status: 204, body: null },
  },
  listTaskVersions: {
    ...routes.listTaskVersions,
    summary: "List what a task has said, newest first",
    permission: { resource: "tasks", verb: "read" },
    query: listVersionsQuery,
    success: { status: 200, body: taskVersionList },
  },
  diffTask: {
    ...routes.diffTask,
    summary: "Tell two versions of a task apart",
    permission: { resource: "tasks", verb: "read" },
    query: differenceQuery,
    success: { status: 200, body: difference },
  },
  rollBackTask: {
    ...routes.rollBackTask,
    summary: "Put an earlier version of a task in force again, as a new one",
    permission: { resource: "tasks", verb: "update" },
    body: rollbackBody,
    success: { status: 200, body: task },
  },
  getTaskSchema: {
    ...routes.getTaskSchema,
    summary: "Show the JSON Schema of what a task takes",
    permission: { resource: "tasks", verb: "execute", reads: true },
    success: { status: 200, body: taskSchema },
  },
  listTaskJobs: {
    ...routes.listTaskJobs,
    summary: "List the jobs of a task, newest first: of those that the caller may see",
    permission: { resource: "jobs", verb: "list" },
    query: listTaskJobsQuery,
    success: { status: 200, body: jobList },
  },
  runTask: {
    ...routes.runTask,
    summary: "Run a task with the body as its input, as a job of the caller's",
    permission: { resource: "tasks", verb: "execute" },
    query: runTaskQuery,
    success: { status: 202, body: job },
  },
} as const satisfies Record<string, Operation>;

export const scheduleOperations = {
  listSchedules: {
    ...routes.listSchedules,
    summary: "List schedules, by name",
    permission: { resource: "schedules", verb: "list" },
    query: listDefinitionsQuery,
    success: { status: 200, body: scheduleList },
  },
  createSchedule: {
    ...routes.createSchedule,
    summary: "Have a task run by the clock, as whoever asks for it",
    permission: { resource: "schedules", verb: "create" },
    body: createScheduleBody,
    success: { status: 201, body: schedule },
  },
  getSchedule: {
    ...routes.getSchedule,
    summary: "Show a schedule, as it is or as it was",
    permission: { resource: "schedules", verb: "read" },
    query: definitionQuery,
    success: { status: 200, body: schedule },
  },
  updateSchedule: {
    ...routes.updateSchedule,
    summary: "Change fields of a schedule, as a new version",
    permission: { resource: "schedules", verb: "update" },
    body: updateScheduleBody,
    success: { status: 200, body: schedule },
  },
  deleteSchedule: {
    ...routes.deleteSchedule,
    summary: "Delete a schedule with its history; its jobs stay",
    permission: { resource: "schedules", verb: "delete" },
    success: { status: 204, body: null },
  },
  listScheduleVersions: {
    ...routes.listScheduleVersions,
    summary: "List what a schedule has said, newest first",
    permission: { resource: "schedules", verb: "read" },
    query: listVersionsQuery,
    success: { status: 200, body: scheduleVersionList },
  },
  diffSchedule: {
    ...routes.diffSchedule,
    summary: "Tell two versions of a schedule apart",
    permission: { resource: "schedules", verb: "read" },
    query: differenceQuery,
    success: { status: 200, body: difference },
  },
  rollBackSchedule: {
    ...routes.rollBackSchedule,
    summary: "Put an earlier version of a schedule in force again, as a new one",
    permission: { resource: "schedules", verb: "update" },
    body: rollbackBody,
    success: { status: 200, body: schedule },
  },
  previewSchedule: {
    ...routes.previewSchedule,
    summary: "Show when a schedule is due next, whether or not it is paused",
    permission: { resource: "schedules", verb: "read" },
    query: nextRunsQuery,
    success: { status: 200, body: nextRuns },
  },
  listScheduleRuns: {
    ...routes.listScheduleRuns,
    summary: "List what came of the instants that a schedule was due at, latest first",
    permission: { resource: "schedules", verb: "read" },
    query: listVersionsQuery,
    success: { status: 200, body: scheduleRunList },
  },
  pauseSchedule: {
    ...routes.pauseSchedule,
    summary: "Have a schedule run nothing until it is resumed",
    permission: { resource: "schedules", verb: "update" },
    success: { status: 200, body: schedule },
  },
  resumeSchedule: {
    ...routes.resumeSchedule,
    summary: "Have a paused schedule run from its next instant on",
    permission: { resource: "schedules", verb: "update" },
    success: { status: 200, body: schedule },
  },
} as const satisfies Record<string, Operation>;
