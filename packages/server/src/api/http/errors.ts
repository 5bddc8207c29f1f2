import type { Socket } from "node:net";
import { randomUUID } from "node:crypto";
import { BerthError, type ErrorBody, errorCatalog, isBerthError } from "@berth/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Events, FailedRequest } from "../../telemetry/events.ts";
import { gone } from "./streams/open-answers.ts";
import { securityHeaders } from "./security-headers.ts";

// By an import, all that the module offers would be loaded: a client for the web too, of 2 MB.
const { STATUS_CODES } = process.getBuiltinModule("node:http");

/** Fastify's own errors that a client can cause, as ours. */
const FRAMEWORK: Readonly<Record<string, (request: FastifyRequest) => BerthError>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ({ headers }) =>
    unsupported(`content type "${headers["content-type"] ?? ""}"`),
  FST_ERR_BAD_URL: () =>
    new BerthError("REQUEST_INVALID", "Cannot read the request: the path is not well-formed"),
  FST_ERR_MAX_PARAM_LENGTH: () => new BerthError("ROUTE_NOT_FOUND", "Cannot find this path"),
  // The client went away while it was still sending.
  ECONNRESET: () => new BerthError("REQUEST_INVALID", "Cannot read the request: the connection was cut"),
};

export function unsupported(what: string): BerthError {
  return new BerthError("MEDIA_TYPE_UNSUPPORTED", `Cannot read the request: ${what} is not supported`);
}

/** The one place where errors leave the server: a BerthError as it is, anything else as INTERNAL without its inside. */
export function answerError(
  error: unknown,
  {
    request,
    reply,
    events,
  }: { request: FastifyRequest; reply: FastifyReply; events: Pick<Events, "requestFailed"> },
): void {
  // Nobody waits for an answer, and nothing has failed.
  if (error === gone) return void reply.hijack();
  const { shown, status } = judgeFailure(error, { request, reply, events });
  void reply
    .code(status)
    .type("application/json; charset=utf-8")
    .send(JSON.stringify(bodyOf(shown, request.id)));
}

/** What is told of an error, which is logged and counted here; the answer has its headers, and no body yet. */
export function judgeFailure(
  error: unknown,
  {
    request,
    reply,
    events,
  }: { request: FastifyRequest; reply: FastifyReply; events: Pick<Events, "requestFailed"> },
): { shown: BerthError; status: number } {
  const shown = translate(error, request);
  const { status } = errorCatalog[shown.code];
  events.requestFailed({ ...failureOf(request), status, code: shown.code, error });
  // Set here too: an error of the framework's own comes before every hook.
  reply.headers(securityHeaders).header("x-request-id", request.id);
  if (shown.code === "UNAUTHENTICATED") reply.header("www-authenticate", 'Bearer realm="berth"');
  if (status === 429 || status === 503) reply.header("retry-after", "1");
  return { shown, status };
}

/** An error after the headers were sent: the client only sees the stream cut off. */
export function midStreamFailure(request: FastifyRequest, error: unknown): FailedRequest {
  const code = isBerthError(error) ? error.code : "INTERNAL";
  return { ...failureOf(request), status: errorCatalog[code].status, code, error };
}

/** Bytes that are no HTTP, or came too slowly: there is no request to answer, so the answer is written by hand. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, why] = BROKEN[error.code ?? ""] ?? [400, "it is not well-formed HTTP"];
  socket.end(brokenAnswer(status, new BerthError("REQUEST_INVALID", `Cannot read the request: ${why}`)));
}

/** A whole answer to what is no request. */
export function brokenAnswer(status: number, error: BerthError): string {
  const body = JSON.stringify(bodyOf(error, randomUUID()));
  return (
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}

const BROKEN: Readonly<Record<string, readonly [number, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, "it took too long"],
  HPE_HEADER_OVERFLOW: [431, "its headers are larger than 16 KiB"],
};

/** What the log and the counters need of a request. */
function failureOf(request: FastifyRequest): { requestId: string; method: string; route: string } {
  return { requestId: request.id, method: request.method, route: request.routeOptions.url ?? "(none)" };
}

function bodyOf(error: BerthError, requestId: string): ErrorBody {
  return {
    code: error.code,
    message: error.message,
    fix: error.fix,
    requestId,
    ...(error.problems.length > 0 && {
      problems: error.problems.map(({ field, message }) => ({ field, message })),
    }),
  };
}

function translate(error: unknown, request: FastifyRequest): BerthError {
  if (isBerthError(error) && errorCatalog[error.code].status >= 400) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return FRAMEWORK[code]?.(request) ?? new BerthError("INTERNAL", "Cannot answer: the server failed");
}
