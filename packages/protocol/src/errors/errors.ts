import { accessErrors } from "./access.ts";
import { engineErrors } from "./engine.ts";
import type { ErrorSpec } from "./error-spec.ts";
import { jobErrors } from "./job.ts";
import { networkErrors } from "./network.ts";
import { requestErrors } from "./request.ts";
import { secretErrors } from "./secret.ts";
import { serverErrors } from "./server.ts";
import { taskErrors } from "./task.ts";
import { uploadErrors } from "./upload.ts";

/** Every error that Berth reports. Retired codes stay listed, so that old clients keep their meaning. */
export const errorCatalog = {
  ...requestErrors,
  ...accessErrors,
  ...jobErrors,
  ...uploadErrors,
  ...networkErrors,
  ...secretErrors,
  ...taskErrors,
  ...engineErrors,
  ...serverErrors,
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
