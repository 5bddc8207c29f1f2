/** What every error code means on each wire, whether a retry can help, and how to mend it. */
export interface ErrorSpec {
  /** HTTP status. */
  status: number;
  /** gRPC status code (google.rpc.Code). */
  grpc: number;
  /** True when the same request may succeed later, unchanged. */
  retryable: boolean;
  /** One sentence in the imperative: how to mend it. */
  fix: string;
}

/** Every error that Berth reports. Retired codes stay listed, so that old clients keep their meaning. */
export const errorCatalog = {
  REQUEST_INVALID: {
    status: 400,
    grpc: 3,
    retryable: false,
    fix: "Correct the fields named in `problems` and send the request again",
  },
  CURSOR_INVALID: {
    status: 400,
    grpc: 3,
    retryable: false,
    fix: "Start again without `cursor`, or pass the `next` of the last page unchanged",
  },
  UNAUTHENTICATED: {
    status: 401,
    grpc: 16,
    retryable: false,
    fix: "Send `Authorization: Bearer TOKEN`; on a fresh server the token lies in `<data>/admin-token`",
  },
  CERTIFICATE_REFUSED: {
    status: 401,
    grpc: 16,
    retryable: false,
    fix: "Get a new client certificate: `berth login --cert`, or `berth cert issue NAME` by an administrator",
  },
  CERTIFICATES_OFF: {
    status: 409,
    grpc: 9,
    retryable: false,
    fix: "Let the server have an authority of its own: BERTH_GRPC_ADDRESS set, BERTH_GRPC_CERTS not",
  },
  CERTIFICATE_NOT_FOUND: {
    status: 404,
    grpc: 5,
    retryable: false,
    fix: "Check the serial number with `berth cert list`",
  },
  BINDING_NOT_FOUND: {
    status: 404,
    grpc: 5,
    retryable: false,
    fix: "Check the id with `berth binding list`",
  },
  TOKEN_NOT_FOUND: { status: 404, grpc: 5, retryable: false, fix: "Check the id with `berth token list`" },
  TOO_MANY_BINDINGS: {
    status: 409,
    grpc: 9,
    retryable: false,
    fix: "Delete bindings that nobody needs any more: `berth binding list`",
  },
  FORBIDDEN: {
    status: 403,
    grpc: 7,
    retryable: false,
    fix: "Ask an administrator to do it: only administrators may",
  },
  JOB_NOT_FOUND: { status: 404, grpc: 5, retryable: false, fix: "Check the id with `berth list`" },
  ARTIFACT_NOT_FOUND: {
    status: 404,
    grpc: 5,
    retryable: false,
    fix: "List what was kept with `GET /api/v1/jobs/{id}/artifacts`; name the paths to keep in `collect`",
  },
  STAGE_NOT_FOUND: {
    status: 404,
    grpc: 5,
    retryable: false,
    fix: "Name one of the `stages` that `GET /api/v1/jobs/{id}` lists, by its id or its kind",
  },
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
  NETWORK_UNKNOWN: {
    status: 400,
    grpc: 3,
    retryable: false,
    fix: "Name one of those that `berth network list` shows, or `none`",
  },
  NETWORK_NOT_ALLOWED: {
    status: 403,
    grpc: 7,
    retryable: false,
    fix: "Use one that `berth network list` shows as allowed; an operator sets `BERTH_NETWORK_ALLOWED`",
  },
  NETWORK_UNAVAILABLE: {
    status: 409,
    grpc: 9,
    retryable: false,
    fix: "Run `berth doctor`: it says what the engine's host lacks for it",
  },
  NETWORK_NOT_FOUND: {
    status: 404,
    grpc: 5,
    retryable: false,
    fix: "Check the name with `berth network list`",
  },
  NETWORK_EXISTS: {
    status: 409,
    grpc: 6,
    retryable: false,
    fix: "Choose another name, or change that one with `berth network update`",
  },
  NETWORK_READ_ONLY: {
    status: 409,
    grpc: 9,
    retryable: false,
    fix: "Change it in the server's berth.yaml and start the server anew, or define one of another name",
  },
  NETWORK_IN_USE: {
    status: 409,
    grpc: 9,
    retryable: true,
    fix: "Delete it when these jobs have ended, or stop them",
  },
  NETWORK_NOTHING_SEEN: {
    status: 409,
    grpc: 9,
    retryable: false,
    fix: "Run the jobs with a network and `observe` (`berth run --network internet --observe`), and wait for their end",
  },
  NETWORK_LIMIT: {
    status: 409,
    grpc: 8,
    retryable: false,
    fix: "Delete profiles that nobody needs with `berth network delete`",
  },
  RESULT_NOT_FOUND: {
    status: 404,
    grpc: 5,
    retryable: false,
    fix: "Print the JSON document between two lines `^JSON`, or name a file in `resultFile`",
  },
  ROUTE_NOT_FOUND: { status: 404, grpc: 12, retryable: false, fix: "See `/api/v1/docs` for every path" },
  METHOD_NOT_ALLOWED: {
    status: 405,
    grpc: 12,
    retryable: false,
    fix: "See `/api/v1/docs` for the methods of this path",
  },
  NOT_ACCEPTABLE: {
    status: 406,
    grpc: 3,
    retryable: false,
    fix: "Accept what the message names",
  },
  JOB_NOT_FINISHED: { status: 409, grpc: 9, retryable: true, fix: "Stop the job first, or wait for its end" },
  JOB_FINISHED: { status: 409, grpc: 9, retryable: false, fix: "Submit the job again" },
  IDEMPOTENCY_CONFLICT: {
    status: 409,
    grpc: 6,
    retryable: false,
    fix: "Use a new `Idempotency-Key` for another request",
  },
  BODY_TOO_LARGE: {
    status: 413,
    grpc: 8,
    retryable: false,
    fix: "Send less; `files` may hold 10 MiB together",
  },
  MEDIA_TYPE_UNSUPPORTED: {
    status: 415,
    grpc: 3,
    retryable: false,
    fix: "Send `Content-Type: application/json`",
  },
  OFFSET_OUT_OF_RANGE: {
    status: 416,
    grpc: 11,
    retryable: false,
    fix: "Ask from an offset that is not past the end of the output",
  },
  HOST_UNKNOWN: {
    status: 421,
    grpc: 7,
    retryable: false,
    fix: "Call the server by its address or by a name that it knows; an operator adds names to BERTH_HTTP_NAMES",
  },
  ENGINE_UNKNOWN: {
    status: 422,
    grpc: 3,
    retryable: false,
    fix: "Choose an engine that `GET /api/v1/engines` lists",
  },
  ENGINE_UNABLE: {
    status: 422,
    grpc: 9,
    retryable: false,
    fix: "Ask for what the engine's `capabilities` in `GET /api/v1/engines` name, or choose another engine",
  },
  LIMIT_NOT_ENFORCEABLE: {
    status: 422,
    grpc: 9,
    retryable: false,
    fix: "Leave the limit out, run on a host that `berth doctor` shows as able, or let the operator set `limits: best-effort`",
  },
  ARCHIVE_TOOL_MISSING: {
    status: 422,
    grpc: 9,
    retryable: false,
    fix: "Install the program that the message names on the server's host (`scripts/install-host` does), or send another format",
  },
  QUEUE_FULL: {
    status: 429,
    grpc: 8,
    retryable: true,
    fix: "Wait for running jobs to end, then submit again",
  },
  TOO_MANY_OPEN: {
    status: 429,
    grpc: 8,
    retryable: true,
    fix: "Close what is not needed, or try again in a second; an operator can raise the settings that the message names",
  },
  INTERNAL: { status: 500, grpc: 13, retryable: true, fix: "Look up the request id in the server's log" },
  ENGINE_UNAVAILABLE: { status: 503, grpc: 14, retryable: true, fix: "Run `berth doctor` on the host" },
  SHUTTING_DOWN: { status: 503, grpc: 14, retryable: true, fix: "Try again in a few seconds" },
  STORAGE_FAILED: {
    status: 507,
    grpc: 8,
    retryable: true,
    fix: "Look at the server's data disk: the message says what is wrong with it",
  },
  DATABASE_UNAVAILABLE: {
    status: 503,
    grpc: 14,
    retryable: true,
    fix: "Start the database, or see to it that the server reaches it",
  },
  DATABASE_IN_USE: {
    status: 503,
    grpc: 14,
    retryable: false,
    fix: "Stop the other server, or give this one a database of its own",
  },
  DATA_FOLDER_IN_USE: {
    status: 0,
    grpc: 9,
    retryable: true,
    fix: "End that server first, or give this one another BERTH_DATA_DIR",
  },
  CONTROL_GROUP_IN_USE: {
    status: 0,
    grpc: 9,
    retryable: true,
    fix: "End that server first, or give this one another BERTH_CGROUP",
  },
  SERVER_UNREACHABLE: {
    status: 0,
    grpc: 14,
    retryable: true,
    fix: "Start it with `berth server`, or set BERTH_URL",
  },
  RESPONSE_INVALID: {
    status: 0,
    grpc: 13,
    retryable: false,
    fix: "Check that BERTH_URL names a Berth server of a matching version",
  },
  JOB_FAILED: {
    status: 0,
    grpc: 9,
    retryable: false,
    fix: "See its cause and what it printed: `berth status ID`, `berth output ID`",
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
  SETTINGS_INVALID: { status: 0, grpc: 9, retryable: false, fix: "Correct the settings named above" },
} as const satisfies Record<string, ErrorSpec>;

export type ErrorCode = keyof typeof errorCatalog;

/** One wrong field: a path as in JSON (`files["a.txt"].base64`), and what is wrong with it. */
export interface Problem {
  field: string;
  message: string;
}

interface ErrorOptions {
  problems?: readonly Problem[];
  requestId?: string;
  retryAfterMs?: number;
  fix?: string;
  cause?: unknown;
}

/** The one error class. Callers branch on `code`, never on the text. */
export class BerthError extends Error {
  override readonly name = "BerthError";
  readonly code: ErrorCode;
  readonly problems: readonly Problem[];
  /** The request that failed, as the server's log names it; null when the error did not come over the wire. */
  readonly requestId: string | null;
  /** How long the server asks to wait before the next try, in milliseconds; null where it does not say. */
  readonly retryAfterMs: number | null;
  readonly #fix: string | null;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.problems = options.problems ?? [];
    this.requestId = options.requestId ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.#fix = options.fix ?? null;
  }

  /** How to mend this very case, where who threw it knows; else what the catalogue says of the code. */
  get fix(): string {
    return this.#fix ?? errorCatalog[this.code].fix;
  }

  get retryable(): boolean {
    return errorCatalog[this.code].retryable;
  }
}

/** Tells a BerthError by its shape, so that it works across copies of this package. */
export function isBerthError(error: unknown): error is BerthError {
  return error instanceof Error && error.name === "BerthError" && "code" in error;
}
