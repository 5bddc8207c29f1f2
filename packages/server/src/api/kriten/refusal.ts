import { BerthError, errorCatalog, type ErrorCode, isBerthError } from "@berth/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Events } from "../../telemetry/events.ts";
import { judgeFailure } from "../http/errors.ts";
import { gone } from "../http/streams/open-answers.ts";
import { shownCredential } from "./credential.ts";

/** An error as Kriten says it: its own status, and its own words. */
export class Refusal extends BerthError {
  readonly status: number;
  readonly said: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    { status, error, ...more }: { status: number; error: string; [word: string]: unknown },
  ) {
    super(code, error);
    this.status = status;
    this.said = { error, ...more };
  }
}

/** What a refusal of ours is called by Kriten, where that is not what the catalogue says. */
const statuses: Partial<Record<ErrorCode, number>> = {
  // Their clients know no 422.
  INPUT_INVALID: 500,
  SCHEMA_SLOW: 500,
  ENGINE_UNABLE: 502,
};

const FORBIDDEN = "unauthorized - user cannot access resource";
const UNKNOWN = "please authenticate.";
const INVALID = "invalid token.";
const INTERNAL = "internal server error.";

/** The one place where errors leave this door. */
export function answerRefusal(
  error: unknown,
  {
    request,
    reply,
    events,
  }: { request: FastifyRequest; reply: FastifyReply; events: Pick<Events, "requestFailed"> },
): void {
  // Nobody waits for an answer, and nothing has failed.
  if (error === gone) return void reply.hijack();
  const { shown } = judgeFailure(error, { request, reply, events });
  const { status, said } = asKriten(error instanceof Refusal ? error : shown, request);
  void reply.code(status).type("application/json; charset=utf-8").send(JSON.stringify(said));
}

function asKriten(
  error: BerthError,
  request: FastifyRequest,
): { status: number; said: Readonly<Record<string, unknown>> } {
  if (error instanceof Refusal) return error;
  const status = statuses[error.code] ?? errorCatalog[error.code].status;
  return { status, said: { error: wordsFor(error, request) } };
}

function wordsFor(error: BerthError, request: FastifyRequest): string {
  const { code, message, problems } = error;
  if (code === "UNAUTHENTICATED") return isShown(request) ? INVALID : UNKNOWN;
  if (code === "FORBIDDEN") return FORBIDDEN;
  if (errorCatalog[code].status === 500) return INTERNAL;
  const told = problems.slice(3).map(({ field, message: why }) => `${field} ${why}`);
  return [message, ...told].join("; ");
}

function isShown(request: FastifyRequest): boolean {
  try {
    return shownCredential(request) !== undefined;
  } catch {
    return true;
  }
}

/** Says something else where the operation refuses for this reason. */
export async function saying<Answer>(
  work: Promise<Answer>,
  refusals: Partial<Record<ErrorCode, { status: number; error: string }>>,
): Promise<Answer> {
  try {
    return await work;
  } catch (error) {
    const said = isBerthError(error) ? refusals[error.code] : undefined;
    if (said === undefined || !isBerthError(error)) throw error;
    throw new Refusal(error.code, said);
  }
}

/** What is not there, or not for the caller to see: to Kriten that is no error. */
const ABSENT: ReadonlySet<ErrorCode> = new Set(["RUNNER_NOT_FOUND", "TASK_NOT_FOUND", "SECRET_NOT_FOUND"]);

export async function missingAs(msg: string, look: () => Promise<unknown>): Promise<unknown> {
  try {
    return await look();
  } catch (error) {
    if (isBerthError(error) && ABSENT.has(error.code)) return { msg };
    throw error;
  }
}
