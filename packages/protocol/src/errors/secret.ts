import type { ErrorSpec } from "./error-spec.ts";

/** What keeps jobs from what they are given to know. */
export const secretErrors = {
  SECRET_NOT_FOUND: {
    status: 404,
    grpc: 5,
    retryable: false,
    fix: "Check the name with `berth secret list`",
  },
  SECRET_MISSING: {
    status: 422,
    grpc: 9,
    retryable: false,
    fix: "Name one that `berth secret list` shows, or have it created",
  },
  SECRET_NOT_ALLOWED: {
    status: 403,
    grpc: 7,
    retryable: false,
    fix: "Have an administrator give you `execute` on it by its name",
  },
  SECRET_CHANGED: {
    status: 409,
    grpc: 10,
    retryable: true,
    fix: "Submit the job again",
  },
  SECRET_EXISTS: {
    status: 409,
    grpc: 6,
    retryable: false,
    fix: "Choose another name, or change that one with `berth secret update`",
  },
  SECRET_IN_USE: {
    status: 409,
    grpc: 9,
    retryable: true,
    fix: "Delete it when these jobs have ended, or stop them",
  },
  SECRET_READ_ONLY: {
    status: 409,
    grpc: 9,
    retryable: false,
    fix: "Change the files in the folder that `BERTH_SECRETS_FOLDER` names: they are read at each use",
  },
  SECRET_LIMIT: {
    status: 409,
    grpc: 8,
    retryable: false,
    fix: "Delete secrets that nobody needs with `berth secret delete`",
  },
  SECRET_KEY_MISSING: {
    status: 500,
    grpc: 13,
    retryable: false,
    fix: "Put the master key of that id back into the file that `BERTH_SECRETS_KEYS_FILE` names",
  },
} as const satisfies Record<string, ErrorSpec>;
