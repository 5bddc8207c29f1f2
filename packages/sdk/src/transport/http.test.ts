import { isBerthError } from "@berth/protocol/errors";
import { routes } from "@berth/protocol";
import { describe, expect, it } from "vitest";
import { answerOf } from "./fetch-transport.ts";
import { type Call, Http, type HttpOptions } from "./http.ts";
import type { Outgoing } from "./transport.ts";

type Told = [status: number, body?: unknown, headers?: Record<string, string>] | Error;

/** A client of a server that says what it is told, one answer after another, the last for ever. */
function clientOf(answers: readonly Told[], more: Partial<HttpOptions> = {}) {
  const sent: (Outgoing & { url: string })[] = [];
  const http = new Http({
    url: "http://host:1/",
    userAgent: "test",
    patience: { requestMs: 0, followMs: 0 },
    transport: async (url, outgoing) => {
      const told = answers[Math.min(sent.length, answers.length - 1)] ?? [200];
      sent.push({ ...outgoing, url });
      if (told instanceof Error) throw told;
      const [status, body, headers = {}] = told;
      const text = body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body);
      return answerOf(new Response(text, { status, headers }));
    },
    ...more,
  });
  return { http, sent };
}

const call: Call = { route: routes.getJob, id: "1" };
const gone = Object.assign(new Error("raw"), { code: "ECONNREFUSED" });

async function failureOf(work: Promise<unknown>) {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  return isBerthError(error) ? { code: error.code, message: error.message } : error;
}

describe("a request", () => {
  it("has the route's method and path, each part in its place and escaped", async () => {
    const { http, sent } = clientOf([[200, {}]]);
    await http.json({
      route: { method: "PUT", path: "/a/{id}/{serial}/*" },
      id: "x/y",
      serial: "$&",
      rest: "p q/r",
    } as unknown as Call);
    await http.json({ route: { method: "GET", path: "/{id}{serial}*" } } as unknown as Call);
    expect(sent.map(({ method, url }) => [method, url])).toEqual([
      ["PUT", "http://host:1/a/x%2Fy/%24%26/p%20q/r"],
      ["GET", "http://host:1/"],
    ]);
  });

  it("has each value of its query, lists as often as they have values", async () => {
    const { http, sent } = clientOf([[200, {}]]);
    const query = { a: "x y", n: 7, yes: true, none: undefined, many: ["1", "2"], empty: [] };
    await http.json({ ...call, query });
    await http.json({ ...call, query: { none: undefined } });
    expect(sent.map(({ url }) => url.split("/1").at(-1))).toEqual(["?a=x+y&n=7&yes=true&many=1&many=2", ""]);
  });

  it("says who asks, what it takes and what it brings, and nothing else", async () => {
    const { http, sent } = clientOf([[200, {}]]);
    await http.json(call);
    await http.open(call);
    const known = clientOf([[200, {}]], { token: "t0k" });
    await known.http.json({ ...call, body: { a: 1 }, headers: { "x-more": "1", "user-agent": "mine" } });
    expect(sent.map(({ headers, body }) => [headers, body])).toEqual([
      [{ "user-agent": "test", accept: "application/json" }, undefined],
      [{ "user-agent": "test" }, undefined],
    ]);
    expect(known.sent).toMatchObject([
      {
        headers: {
          "user-agent": "mine",
          accept: "application/json",
          authorization: "Bearer t0k",
          "content-type": "application/json",
          "x-more": "1",
        },
        body: '{"a":1}',
      },
    ]);
  });
});

describe("an answer", () => {
  it("is its JSON, and null where there is nothing to say", async () => {
    expect(await clientOf([[200, { a: 1 }]]).http.json(call)).toEqual({ a: 1 });
    expect(await clientOf([[204]]).http.json(call)).toBeNull();
    expect(await clientOf([[299, "7"]]).http.json(call)).toBe(7);
  });

  it("keeps its numbers where that was asked for", async () => {
    const { http } = clientOf([[200, "[9007199254740993]"]], { exactNumber: (digits) => `n${digits}` });
    expect(await http.json(call)).toEqual(["n9007199254740993"]);
  });

  it("that is no JSON is refused", async () => {
    expect(await failureOf(clientOf([[200, "{"]]).http.json(call))).toEqual({
      code: "RESPONSE_INVALID",
      message: 'Cannot read the answer of "http://host:1": it is not JSON',
    });
  });

  it.each([300, 301, 302, 307, 399])("of status %i is not followed, and says so", async (status) => {
    const { http, sent } = clientOf([[status, "", { location: "http://evil" }]]);
    expect(await failureOf(http.open(call))).toEqual({
      code: "RESPONSE_INVALID",
      message:
        'Cannot read the answer of "http://host:1": it points to another address: use that one as the URL',
    });
    expect(sent).toHaveLength(1);
  });

  it.each([199 + 201, 404, 500])("of status %i is the server's error", async (status) => {
    const body = { code: "JOB_NOT_FOUND", message: "Cannot find it" };
    const failure = await failureOf(clientOf([[status, body]]).http.json(call));
    expect(failure).toEqual({ code: "JOB_NOT_FOUND", message: "Cannot find it" });
  });

  it("without a body that can be read is told by its status", async () => {
    expect(await failureOf(clientOf([[502, "<html>"]]).http.json(call))).toMatchObject({
      code: "SERVER_UNREACHABLE",
      message: 'Cannot reach the server "http://host:1": what answers there says 502',
    });
    expect(await failureOf(clientOf([[500, "x".repeat(2 ** 20 + 1)]]).http.json(call))).toMatchObject({
      message: 'Cannot read the answer of "http://host:1": status 500 without an error of Berth',
    });
  });

  it("is its status alone, whatever it is, where no more is asked", async () => {
    expect(await clientOf([[503, "no"]]).http.status(call)).toBe(503);
    expect(await clientOf([[204]]).http.status(call)).toBe(204);
  });

  it("that never comes is waited for no longer than told", async () => {
    const http = new Http({
      url: "http://host:1",
      userAgent: "test",
      patience: { requestMs: 0, followMs: 0 },
      transport: (_url, { signal }) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener("abort", () => reject(new Error("aborted")));
        }),
    });
    expect(await failureOf(http.json({ ...call, timeoutMs: 5 }))).toMatchObject({
      code: "SERVER_UNREACHABLE",
      message: 'Cannot reach the server "http://host:1": the server does not answer',
    });
    const stop = new AbortController();
    const asked = failureOf(http.json({ ...call, signal: stop.signal }));
    stop.abort("enough");
    expect(await asked).toBe("enough");
  });
});

describe("patience", () => {
  const body = { code: "QUEUE_FULL", message: "full" };

  it("is none for what cannot be mended by waiting", async () => {
    const { http, sent } = clientOf([[404, { code: "JOB_NOT_FOUND", message: "no" }]]);
    await failureOf(http.json({ ...call, patienceMs: 10_000 }));
    expect(sent).toHaveLength(1);
  });

  it.each([
    ["nobody listens", gone],
    ["the queue is full", [429, body] as Told],
    ["it is shutting down", [503, { code: "SHUTTING_DOWN", message: "bye" }] as Told],
  ])("tries again when %s", async (_what, told) => {
    const { http, sent } = clientOf([told, [200, {}]], { patience: { requestMs: 10_000, followMs: 0 } });
    expect(await http.json(call)).toEqual({});
    expect(sent).toHaveLength(2);
  });

  it("of a call counts before the client's", async () => {
    const { http, sent } = clientOf([gone, [200, {}]], { patience: { requestMs: 10_000, followMs: 0 } });
    expect(await failureOf(http.json({ ...call, patienceMs: 0 }))).toMatchObject({
      code: "SERVER_UNREACHABLE",
    });
    expect(sent).toHaveLength(1);
  });

  it("tells of a server that was there and is not, and of its return", async () => {
    const changes: string[] = [];
    const { http } = clientOf([[200, {}], gone, gone, [200, {}]], {
      patience: { requestMs: 10_000, followMs: 0 },
      onConnection: ({ state }) => changes.push(state),
    });
    await http.json(call);
    await http.json(call);
    expect(changes).toEqual(["away", "back"]);
  });
});

describe("the settings of a client", () => {
  it.each([
    ["http://h", "http://h"],
    ["http://h/", "http://h"],
    ["https://h:8/a/b//", "https://h:8/a/b"],
    ["HTTP://H:80/x?y#z", "http://h/x"],
  ])("take the URL %s as %s", (url, base) => expect(clientOf([], { url }).http.url).toBe(base));

  it.each(["", "h:1", "ftp://h", "//h", "http://"])("refuse the URL %j", (url) => {
    expect(() => clientOf([], { url })).toThrow(
      `Cannot use the URL "${url}": it must begin with http:// or https://`,
    );
  });

  it.each(["http://u@h", "http://:p@h", "http://u:p@h"])(
    "refuse credentials, and do not repeat them: %s",
    (url) => {
      expect(() => clientOf([], { url })).toThrow(
        'Cannot use the URL of "h": credentials do not belong into it',
      );
    },
  );

  it.each(["", " t", "t\n", "t t", "tä", "t\u007f"])("refuse the token %j", (token) => {
    expect(() => clientOf([], { token })).toThrow(
      'Cannot talk to "http://host:1": the token holds blanks, line breaks or other characters that no token has',
    );
  });
});
