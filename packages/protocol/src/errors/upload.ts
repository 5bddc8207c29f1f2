import type { ErrorSpec } from "./error-spec.ts";

/** Uploads, archives and the folders that they are made of. */
export const uploadErrors = {
  UPLOAD_NOT_FOUND: {
    status: 404,
    grpc: 5,
    retryable: false,
    fix: "Send the content with `POST /api/v1/uploads`; what no job has asked for in a while is removed",
  },
  UPLOAD_UNFINISHED: {
    status: 409,
    grpc: 9,
    retryable: false,
    fix: "Send the rest with `PATCH /api/v1/uploads/{sha256}` from the `offset` that `GET` of it says",
  },
  UPLOAD_BUSY: {
    status: 409,
    grpc: 10,
    retryable: true,
    fix: "Wait for the other request to end, then ask with `GET /api/v1/uploads/{sha256}` how far it is",
  },
  UPLOAD_IN_USE: {
    status: 409,
    grpc: 9,
    retryable: true,
    fix: "Delete it when the jobs that use it have ended, or stop them",
  },
  UPLOAD_OFFSET: {
    status: 409,
    grpc: 11,
    retryable: false,
    fix: "Go on from the `offset` that `GET /api/v1/uploads/{sha256}` says",
  },
  UPLOAD_MISMATCH: {
    status: 422,
    grpc: 3,
    retryable: false,
    fix: "Send the content again from where it is now, or from its beginning, and check that nothing changes it meanwhile. A piece that others follow says `Upload-Complete: ?0`",
  },
  UPLOAD_TOO_LARGE: {
    status: 413,
    grpc: 8,
    retryable: false,
    fix: "Delete uploads that are not needed, or send less; an operator sets `BERTH_UPLOADS_PER_PRINCIPAL` and `BERTH_UPLOADS_TOTAL`",
  },
  ARCHIVE_TOOL_MISSING: {
    status: 422,
    grpc: 9,
    retryable: false,
    fix: "Install the program that the message names on the server's host (`scripts/install-host` does), or send another format",
  },
  FOLDER_INVALID: {
    status: 0,
    grpc: 3,
    retryable: false,
    fix: "Name a folder that can be read whole, and in its `.berthignore` what is not to be sent",
  },
  FOLDER_CHANGED: {
    status: 0,
    grpc: 10,
    retryable: true,
    fix: "Try again when nothing writes there, or name in `.berthignore` what goes on changing",
  },
} as const satisfies Record<string, ErrorSpec>;
