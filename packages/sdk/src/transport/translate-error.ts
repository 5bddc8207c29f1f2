import { BerthError, errorCatalog, type ErrorCode, type Problem } from "@berth/protocol/errors";

/** What the system says, in words. Each is a failure that was seen from `fetch`, in its cause's `code`. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there",
  ECONNRESET: "the connection was cut",
  UND_ERR_SOCKET: "the connection was cut",
  ENOTFOUND: "the host name is unknown",
  EAI_AGAIN: "the host name cannot be looked up now",
  ETIMEDOUT: "the host does not answer",
  UND_ERR_CONNECT_TIMEOUT: "the host does not answer",
  UND_ERR_HEADERS_TIMEOUT: "the server does not answer",
  UND_ERR_BODY_TIMEOUT: "the server sends nothing more",
  EHOSTUNREACH: "there is no way to the host",
  ENETUNREACH: "there is no way to the network",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is self-signed",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate comes from an unknown authority",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate names another host",
};

/** A failure of the network, before or during an answer, as SERVER_UNREACHABLE. */
export function unreachable(url: string, cause: unknown): BerthError {
  return new BerthError("SERVER_UNREACHABLE", `Cannot reach the server "${url}": ${reasonOf(cause)}`, {
    cause,
  });
}

function reasonOf(error: unknown): string {
  for (let inner = error, depth = 0; inner instanceof Error && depth < 4; inner = inner.cause, depth += 1) {
    const code = "code" in inner && typeof inner.code === "string" ? inner.code : "";
    if (code !== "") return REASONS[code] ?? code;
  }
  return "the connection failed";
}

/** An answer that this client cannot read. */
export function unreadable(url: string, problem: string): BerthError {
  return new BerthError("RESPONSE_INVALID", `Cannot read the answer of "${url}": ${problem}`);
}

/** The error of an answer that is not a success: the server's own, or a foreign one (a proxy's, another program's). */
export function errorOf(url: string, answer: { status: number; body: unknown }): BerthError {
  const { status, body } = answer;
  if (isErrorBody(body)) {
    const options = {
      ...(isProblems(body["problems"]) && { problems: body["problems"] }),
      ...(typeof body["requestId"] === "string" && { requestId: body["requestId"] }),
    };
    if (isErrorCode(body.code)) return new BerthError(body.code, body.message, options);
    // A newer server: keep its sentence, under the nearest code that this client knows.
    return new BerthError(codeOfStatus(status), `${body.message} (${body.code})`, options);
  }
  if (status === 502 || status === 503 || status === 504) {
    const text = `Cannot reach the server "${url}": what answers there says ${status}`;
    return new BerthError("SERVER_UNREACHABLE", text);
  }
  return unreadable(url, `status ${status} without an error of Berth`);
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 401) return "UNAUTHENTICATED";
  if (status === 403) return "FORBIDDEN";
  if (status === 400 || status === 422) return "REQUEST_INVALID";
  return status >= 500 ? "INTERNAL" : "RESPONSE_INVALID";
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCatalog, code);
}

function isErrorBody(body: unknown): body is Record<string, unknown> & { code: string; message: string } {
  if (typeof body !== "object" || body === null || !("code" in body) || !("message" in body)) return false;
  return typeof body.code === "string" && typeof body.message === "string";
}

function isProblems(value: unknown): value is Problem[] {
  const isProblem = (one: unknown): boolean =>
    typeof one === "object" &&
    one !== null &&
    "field" in one &&
    "message" in one &&
    typeof one.field === "string" &&
    typeof one.message === "string";
  return Array.isArray(value) && value.every(isProblem);
}
