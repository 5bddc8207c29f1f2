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
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate comes from an unknown authority",
  CERT_NOT_YET_VALID: "its certificate is not valid yet: check the clocks of both hosts",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate names another host",
  ERR_SSL_WRONG_VERSION_NUMBER: "what listens there speaks no TLS",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "what listens there speaks no TLS",
  EPROTO: "what listens there speaks no TLS",
  EPIPE: "the connection was cut",
  ECONNABORTED: "the connection was cut",
  ENETDOWN: "this host has no network",
  EADDRNOTAVAIL: "this host has no address left to connect from, or the address cannot be reached from it",
  EPERM: "this host does not permit the connection: look at its firewall",
  EACCES: "this host does not permit the connection: look at its firewall",
  EMFILE: "this program has too many files and connections open",
};

/** How to mend it, where that is something else than starting the server. */
const FIXES: readonly [RegExp, string][] = [
  [
    /^(ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)|EPROTO)$/,
    "Begin the URL with http://, or check the port",
  ],
  [
    /^HPE_/,
    "Check the URL: Berth listens for HTTP on port 7400 unless set otherwise; TLS begins with https://",
  ],
  [
    /CERT|SIGNATURE|ISSUER/,
    "Name the server as its certificate does, or trust its authority: BERTH_CA=FILE for `berth`, NODE_EXTRA_CA_CERTS=FILE for programs on Node",
  ],
  [/^(ENOTFOUND|EAI_AGAIN)$/, "Check the host's name in the URL"],
  [/^(EPERM|EACCES)$/, "Allow this host to connect there"],
];

/** A failure of the network, before or during an answer, as SERVER_UNREACHABLE. */
export function unreachable(url: string, cause: unknown): BerthError {
  const code = codeOf(cause);
  const fix = FIXES.find(([codes]) => codes.test(code))?.[1];
  return new BerthError("SERVER_UNREACHABLE", `Cannot reach the server "${url}": ${reasonOf(code)}`, {
    cause,
    ...(fix !== undefined && { fix }),
  });
}

function reasonOf(code: string): string {
  if (code === "") return "the connection failed";
  const known = REASONS[code];
  if (known !== undefined) return known;
  if (code.startsWith("HPE_")) return "what listens there speaks no HTTP";
  const tls = /^ERR_(?:SSL|TLS)_(.*)$/.exec(code)?.[1];
  if (tls !== undefined) return `TLS failed: ${tls.toLowerCase().replaceAll("_", " ")}`;
  return `the connection failed (${code})`;
}

/** What the system or Node called it, on the way down to the first cause. */
function codeOf(error: unknown): string {
  for (let inner = error, depth = 0; inner instanceof Error && depth < 4; inner = inner.cause, depth += 1) {
    const code = "code" in inner && typeof inner.code === "string" ? inner.code : "";
    if (code !== "") return code;
  }
  return "";
}

/** An answer that this client cannot read. */
export function unreadable(url: string, problem: string): BerthError {
  return new BerthError("RESPONSE_INVALID", `Cannot read the answer of "${url}": ${problem}`);
}

/** The error of an answer that is not a success: the server's own, or a foreign one (a proxy's, another program's). */
export function errorOf(
  url: string,
  answer: { status: number; body: unknown; retryAfterMs?: number | null },
): BerthError {
  const { status, body, retryAfterMs } = answer;
  if (isErrorBody(body)) {
    const options = {
      ...(isProblems(body["problems"]) && { problems: body["problems"] }),
      ...(typeof body["requestId"] === "string" && { requestId: body["requestId"] }),
      ...(typeof body["fix"] === "string" && { fix: body["fix"] }),
      ...(typeof retryAfterMs === "number" && { retryAfterMs }),
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
