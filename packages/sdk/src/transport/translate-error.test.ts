import { describe, expect, it } from "vitest";
import { errorOf, unreachable, unreadable } from "./translate-error.ts";

const url = "http://host:1";
const failing = (code: string): Error => Object.assign(new Error("raw words"), { code });
const usual = unreachable(url, new Error("x")).fix;

describe("a failure of the network", () => {
  it.each([
    ["ECONNREFUSED", "nobody listens there"],
    ["ECONNRESET", "the connection was cut"],
    ["UND_ERR_SOCKET", "the connection was cut"],
    ["EPIPE", "the connection was cut"],
    ["ECONNABORTED", "the connection was cut"],
    ["ETIMEDOUT", "the host does not answer"],
    ["UND_ERR_CONNECT_TIMEOUT", "the host does not answer"],
    ["UND_ERR_HEADERS_TIMEOUT", "the server does not answer"],
    ["UND_ERR_BODY_TIMEOUT", "the server sends nothing more"],
    ["EHOSTUNREACH", "there is no way to the host"],
    ["ENETUNREACH", "there is no way to the network"],
    ["ENETDOWN", "this host has no network"],
    [
      "EADDRNOTAVAIL",
      "this host has no address left to connect from, or the address cannot be reached from it",
    ],
    ["EMFILE", "this program has too many files and connections open"],
    ["ENEW", "the connection failed (ENEW)"],
    ["X_ERR_SSL_BAD", "the connection failed (X_ERR_SSL_BAD)"],
    ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "TLS failed: tlsv1 alert unknown ca"],
    ["ERR_TLS_DH_PARAM_SIZE", "TLS failed: dh param size"],
  ])("%s is told as: %s", (code, reason) => {
    const error = unreachable(url, failing(code));
    expect(error).toMatchObject({
      code: "SERVER_UNREACHABLE",
      message: `Cannot reach the server "${url}": ${reason}`,
      fix: usual,
    });
  });

  const noTls = "Begin the URL with http://, or check the port";
  const trust =
    "Name the server as its certificate does, or trust its authority: BERTH_CA=FILE for `berth`, NODE_EXTRA_CA_CERTS=FILE for programs on Node";
  const name = "Check the host's name in the URL";
  it.each([
    ["ENOTFOUND", "the host name is unknown", name],
    ["EAI_AGAIN", "the host name cannot be looked up now", name],
    [
      "EPERM",
      "this host does not permit the connection: look at its firewall",
      "Allow this host to connect there",
    ],
    [
      "EACCES",
      "this host does not permit the connection: look at its firewall",
      "Allow this host to connect there",
    ],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "what listens there speaks no TLS", noTls],
    ["ERR_SSL_PACKET_LENGTH_TOO_LONG", "what listens there speaks no TLS", noTls],
    ["EPROTO", "what listens there speaks no TLS", noTls],
    [
      "HPE_INVALID_CONSTANT",
      "what listens there speaks no HTTP",
      "Check the URL: Berth listens for HTTP on port 7400 unless set otherwise; TLS begins with https://",
    ],
    ["CERT_HAS_EXPIRED", "its certificate has expired", trust],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "its certificate is self-signed", trust],
    ["SELF_SIGNED_CERT_IN_CHAIN", "its certificate is self-signed", trust],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "its certificate comes from an unknown authority", trust],
    ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "its certificate comes from an unknown authority", trust],
    ["CERT_NOT_YET_VALID", "its certificate is not valid yet: check the clocks of both hosts", trust],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "its certificate names another host", trust],
  ])("%s is told as %s, with how to mend it", (code, reason, fix) => {
    expect(unreachable(url, failing(code))).toMatchObject({
      message: `Cannot reach the server "${url}": ${reason}`,
      fix,
    });
  });

  it("is named by the first code on the way down to its cause", () => {
    const wrapped = (inner: unknown, times: number): Error =>
      times === 0 ? (inner as Error) : new Error("outer", { cause: wrapped(inner, times - 1) });
    const reason = (cause: unknown): string => unreachable(url, cause).message.split('": ')[1] ?? "";
    expect(reason(wrapped(failing("EPIPE"), 3))).toBe("the connection was cut");
    expect(reason(wrapped(failing("EPIPE"), 4))).toBe("the connection failed");
    expect(reason(Object.assign(new Error("x", { cause: failing("EPIPE") }), { code: "EPERM" }))).toContain(
      "does not permit",
    );
    expect(reason(Object.assign(new Error("x", { cause: failing("EPIPE") }), { code: 7 }))).toContain(
      "was cut",
    );
    expect(reason("no error")).toBe("the connection failed");
    expect(unreachable(url, failing("EPIPE")).cause).toMatchObject({ code: "EPIPE" });
  });
});

it("an answer that cannot be read says of whom", () => {
  expect(unreadable(url, "it is blue")).toMatchObject({
    code: "RESPONSE_INVALID",
    message: `Cannot read the answer of "${url}": it is blue`,
  });
});

describe("the error of an answer", () => {
  const body = { code: "JOB_NOT_FOUND", message: "Cannot find it" };

  it("is the server's own, with all that it says", () => {
    const problems = [{ field: "a", message: "is wrong" }];
    const more = { ...body, problems, requestId: "r1", fix: "Look again" };
    expect(errorOf(url, { status: 404, body: more, retryAfterMs: 0 })).toMatchObject({
      code: "JOB_NOT_FOUND",
      message: "Cannot find it",
      problems,
      requestId: "r1",
      fix: "Look again",
      retryAfterMs: 0,
    });
  });

  it.each([
    ["problems that are no list", { problems: { field: "a", message: "b" } }],
    ["a problem that is none", { problems: [{ field: "a", message: "b" }, null] }],
    ["a problem that is a text", { problems: ["a"] }],
    ["a problem without a field", { problems: [{ message: "b" }] }],
    ["a problem without a sentence", { problems: [{ field: "a" }] }],
    ["a field that is a number", { problems: [{ field: 1, message: "b" }] }],
    ["a sentence that is a number", { problems: [{ field: "a", message: 1 }] }],
    ["a request that is a number", { requestId: 7 }],
    ["a remedy that is a number", { fix: 7 }],
  ])("leaves out %s", (_what, more) => {
    const plain = errorOf(url, { status: 404, body });
    const error = errorOf(url, { status: 404, body: { ...body, ...more }, retryAfterMs: null });
    expect([error.problems, error.requestId, error.fix, error.retryAfterMs]).toEqual([
      [],
      null,
      plain.fix,
      plain.retryAfterMs,
    ]);
  });

  it.each([
    [400, "REQUEST_INVALID"],
    [401, "UNAUTHENTICATED"],
    [403, "FORBIDDEN"],
    [404, "RESPONSE_INVALID"],
    [422, "REQUEST_INVALID"],
    [499, "RESPONSE_INVALID"],
    [500, "INTERNAL"],
    [503, "INTERNAL"],
  ])("of status %i with a code of a newer server is %s, with its sentence", (status, code) => {
    const error = errorOf(url, { status, body: { code: "NEW_THING", message: "It is so", requestId: "r" } });
    expect(error).toMatchObject({ code, message: "It is so (NEW_THING)", requestId: "r" });
    expect(errorOf(url, { status, body: { code: "constructor", message: "x" } }).code).toBe(code);
  });

  it.each([502, 503, 504])(
    "of status %i from something before the server says that it is not there",
    (status) => {
      expect(errorOf(url, { status, body: null })).toMatchObject({
        code: "SERVER_UNREACHABLE",
        message: `Cannot reach the server "${url}": what answers there says ${status}`,
      });
    },
  );

  it.each([
    [null],
    ["text"],
    [{}],
    [{ code: "INTERNAL" }],
    [{ message: "x" }],
    [{ code: 1, message: "x" }],
    [{ code: "INTERNAL", message: 1 }],
  ])("that is none of Berth's cannot be read: %j", (foreign) => {
    expect(errorOf(url, { status: 500, body: foreign })).toMatchObject({
      code: "RESPONSE_INVALID",
      message: `Cannot read the answer of "${url}": status 500 without an error of Berth`,
    });
  });
});
