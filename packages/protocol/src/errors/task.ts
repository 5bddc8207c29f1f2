import type { ErrorSpec } from "./error-spec.ts";

/** Runners, tasks, and runs of them. */
export const taskErrors = {
  RUNNER_NOT_FOUND: {
    status: 404,
    grpc: 5,
    retryable: false,
    fix: "Check the name with `berth runner list`",
  },
  RUNNER_EXISTS: {
    status: 409,
    grpc: 6,
    retryable: false,
    fix: "Choose another name, or change that one with `berth runner update`",
  },
  RUNNER_IN_USE: {
    status: 409,
    grpc: 9,
    retryable: false,
    fix: "Delete these tasks, or change their runner, first",
  },
  TASK_NOT_FOUND: {
    status: 404,
    grpc: 5,
    retryable: false,
    fix: "Check the name with `berth task list`",
  },
  TASK_EXISTS: {
    status: 409,
    grpc: 6,
    retryable: false,
    fix: "Choose another name, or change that one with `berth task update`",
  },
  TASK_IN_USE: {
    status: 409,
    grpc: 9,
    retryable: false,
    fix: "Delete these schedules and webhooks, or change their task, first",
  },
  SCHEDULE_NOT_FOUND: {
    status: 404,
    grpc: 5,
    retryable: false,
    fix: "Check the name with `berth schedule list`",
  },
  SCHEDULE_EXISTS: {
    status: 409,
    grpc: 6,
    retryable: false,
    fix: "Choose another name, or change that one with `berth schedule update`",
  },
  DELIVERY_NOT_FOUND: {
    status: 404,
    grpc: 5,
    retryable: false,
    fix: "Check its id with `berth deliveries JOB`",
  },
  WEBHOOK_NOT_FOUND: {
    status: 404,
    grpc: 5,
    retryable: false,
    fix: "Check the name with `berth webhook list`",
  },
  WEBHOOK_EXISTS: {
    status: 409,
    grpc: 6,
    retryable: false,
    fix: "Choose another name, or change that one with `berth webhook update`",
  },
  SIGNATURE_INVALID: {
    status: 401,
    grpc: 16,
    retryable: false,
    fix: "Check the webhook's name, its secret, the clock of whoever calls, and that the body is signed as it is sent",
  },
  MESSAGE_REPLAYED: {
    status: 409,
    grpc: 6,
    retryable: false,
    fix: "Nothing is to be done: the call that came first has its job. Another call needs a `webhook-id` of its own",
  },
  VERSION_NOT_FOUND: {
    status: 404,
    grpc: 5,
    retryable: false,
    fix: "See which there are with `berth task versions`, and the like of runners, schedules and webhooks",
  },
  VERSION_CHANGED: {
    status: 412,
    grpc: 10,
    retryable: false,
    fix: "Read it again, and make your change to what it says now",
  },
  SOURCE_TOOL_MISSING: {
    status: 422,
    grpc: 9,
    retryable: false,
    fix: "Install what is named on the engine's host, as `berth doctor` there says, or choose another engine",
  },
  INPUT_INVALID: {
    status: 422,
    grpc: 3,
    retryable: false,
    fix: "Correct each of the fields that are named; `berth task schema` shows what the task takes",
  },
  TASK_BUSY: {
    status: 409,
    grpc: 8,
    retryable: true,
    fix: "Try again when one of its runs has ended: `berth list --task NAME --state running`",
  },
  SCHEMA_SLOW: {
    status: 422,
    grpc: 3,
    retryable: false,
    fix: "Have the task's schema changed: a pattern or a rule in it takes too long with such an input",
  },
} as const satisfies Record<string, ErrorSpec>;
