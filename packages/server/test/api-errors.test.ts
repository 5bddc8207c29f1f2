import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { errorCatalog, operations, type Operation } from "@berth/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../src/lib/ids.ts";
import { ApiBench } from "./support/api-bench.ts";

let api: ApiBench;
let [running, ended] = ["", ""];

beforeAll(async () => {
  api = await ApiBench.open();
  running = (await api.jobOf("running")).id;
  ended = (await api.jobOf("succeeded")).id;
});
afterAll(() => api[Symbol.asyncDispose]());

const all = Object.entries(operations as Record<string, Operation>);
const everyOperation = all.filter(([, { permission }]) => permission !== null);
const requestOf = ({ method, path }: Operation, id: string): string =>
  `${method} ${path.replace("{id}", id).replace("*", "report.txt")}`;

describe("every operation", () => {
  it.each(everyOperation)("%s turns away who sends no token", async (_, operation) => {
    const answer = await api.call(requestOf(operation, running), { as: null });
    expect(answer).toMatchObject({ status: 401, body: { code: "UNAUTHENTICATED" } });
    expect(answer.headers["www-authenticate"]).toBe('Bearer realm="berth"');
  });

  it.each(everyOperation.filter(([, { path }]) => path.includes("{id}")))(
    "ABUSE 27: %s hides jobs of others, jobs that are not there and what is no id behind the same answer",
    async (_, operation) => {
      const bodies: Readonly<Record<string, object>> = { extendJob: { by: "1s" }, stopJob: { grace: "1s" } };
      const body = operation.body ? (bodies[name(operation) ?? ""] ?? {}) : undefined;
      const ask = (id: string) => api.call(requestOf(operation, id), { as: "bob", body });
      for (const id of [
        running,
        ended,
        newId(),
        running.toUpperCase(),
        "..%2f..%2fetc",
        "1",
        "%00",
        "__proto__",
      ]) {
        expect(await ask(id)).toMatchObject({ status: 404, body: { code: "JOB_NOT_FOUND" } });
      }
    },
  );

  it.each(everyOperation)("%s names the methods of its path", async (_, operation) => {
    const path = requestOf(operation, running).split(" ")[1] ?? "";
    const other = (["PUT", "PATCH", "DELETE"] as const).find(
      (method) => !everyOperation.some(([, one]) => one.path === operation.path && one.method === method),
    );
    const answer = await api.call(`${other} ${path}`, { body: "{" });
    expect(answer).toMatchObject({ status: 405, body: { code: "METHOD_NOT_ALLOWED" } });
    expect(String(answer.headers["allow"]).split(", ")).toContain(operation.method);
  });
});

function name(operation: Operation): string | undefined {
  return everyOperation.find(([, one]) => one === operation)?.[0];
}

it.each([
  ["no path of ours", "GET /api/v1/nothing", {}, "ROUTE_NOT_FOUND"],
  ["no path of ours, with a body that is no JSON", "POST /api/v1/nothing", { body: "{" }, "ROUTE_NOT_FOUND"],
  ["a path that cannot be decoded", "GET /api/v1/jobs/%zz", {}, "REQUEST_INVALID"],
  ["an id of a megabyte", `GET /api/v1/jobs/${"x".repeat(5000)}`, {}, "ROUTE_NOT_FOUND"],
  ["what is no JSON", "POST /api/v1/jobs", { body: '{"command": }' }, "REQUEST_INVALID"],
  ["no body", "POST /api/v1/jobs", {}, "REQUEST_INVALID"],
  [
    "another prototype",
    "POST /api/v1/jobs",
    { body: '{"command":"x","env":{"__proto__":"y"}}' },
    "REQUEST_INVALID",
  ],
  ["a key twice", "POST /api/v1/jobs", { body: '{"command":"x","command":"y"}' }, "REQUEST_INVALID"],
  ["a depth bomb", "POST /api/v1/jobs", { body: "[".repeat(1e6) }, "REQUEST_INVALID"],
  [
    "a million arguments",
    "POST /api/v1/jobs",
    { body: `{"command":"x","args":[${'"",'.repeat(1e6)}""]}` },
    "REQUEST_INVALID",
  ],
  [
    "a number beyond 2^53",
    "POST /api/v1/jobs",
    { body: '{"command":"x","resources":{"pids":9007199254740993}}' },
    "REQUEST_INVALID",
  ],
  [
    "a form",
    "POST /api/v1/jobs",
    { body: "command=x", headers: { "content-type": "application/x-www-form-urlencoded" } },
    "MEDIA_TYPE_UNSUPPORTED",
  ],
  [
    "text",
    "POST /api/v1/jobs",
    { body: "x", headers: { "content-type": "text/plain" } },
    "MEDIA_TYPE_UNSUPPORTED",
  ],
  [
    "a body that is compressed",
    "POST /api/v1/jobs",
    { body: "x", headers: { "content-encoding": "gzip" } },
    "MEDIA_TYPE_UNSUPPORTED",
  ],
  [
    "a body of 25 MB",
    "POST /api/v1/jobs",
    { body: { command: "x", stdin: "x".repeat(25 * 2 ** 20) } },
    "BODY_TOO_LARGE",
  ],
  ["a stop of 65 kB", "POST /api/v1/jobs/ID/stop", { body: { grace: "x".repeat(66_000) } }, "BODY_TOO_LARGE"],
  [
    "an empty idempotency key",
    "POST /api/v1/jobs",
    { body: { command: "x" }, headers: { "idempotency-key": "" } },
    "REQUEST_INVALID",
  ],
  [
    "a long idempotency key",
    "POST /api/v1/jobs",
    { body: { command: "x" }, headers: { "idempotency-key": "k".repeat(256) } },
    "REQUEST_INVALID",
  ],
  [
    "an engine that is not here",
    "POST /api/v1/jobs",
    { body: { command: "x", engine: "cloud" } },
    "ENGINE_UNKNOWN",
  ],
  ["a wait without a unit", "POST /api/v1/jobs?wait=20", { body: { command: "x" } }, "REQUEST_INVALID"],
  ["two waits", "GET /api/v1/jobs/ID?wait=1s&wait=2s", {}, "REQUEST_INVALID"],
  ["an unknown parameter", "GET /api/v1/jobs/ID?wiat=1s", {}, "REQUEST_INVALID"],
  ["a state that is none", "GET /api/v1/jobs?state=done", {}, "REQUEST_INVALID"],
  ["a limit of 201", "GET /api/v1/jobs?limit=201", {}, "REQUEST_INVALID"],
  ["a cursor made up", "GET /api/v1/jobs?cursor=abc", {}, "CURSOR_INVALID"],
  ["an extension by nothing", "POST /api/v1/jobs/ID/extend", { body: {} }, "REQUEST_INVALID"],
  ["a delete of what still runs", "DELETE /api/v1/jobs/ID", {}, "JOB_NOT_FINISHED"],
  ["the result of what still runs", "GET /api/v1/jobs/ID/result", {}, "JOB_NOT_FINISHED"],
  ["a result that was not left", "GET /api/v1/jobs/ENDED/result", {}, "RESULT_NOT_FOUND"],
  [
    "an extension of what has ended",
    "POST /api/v1/jobs/ENDED/extend",
    { body: { by: "1h" } },
    "JOB_FINISHED",
  ],
  [
    "an artifact that was not kept",
    "GET /api/v1/jobs/ENDED/artifacts/..%2f..%2fetc%2fpasswd",
    {},
    "ARTIFACT_NOT_FOUND",
  ],
  [
    "output as a picture",
    "GET /api/v1/jobs/ID/output",
    { headers: { accept: "image/png" } },
    "NOT_ACCEPTABLE",
  ],
  [
    "events as JSON",
    "GET /api/v1/jobs/ID/events",
    { headers: { accept: "application/json" } },
    "NOT_ACCEPTABLE",
  ],
  ["output from past its end", "GET /api/v1/jobs/ENDED/output?offset=1", {}, "OFFSET_OUT_OF_RANGE"],
  ["output from before its start", "GET /api/v1/jobs/ENDED/output?offset=-1", {}, "REQUEST_INVALID"],
  ["output from beyond 2^53", "GET /api/v1/jobs/ENDED/output?offset=9007199254740993", {}, "REQUEST_INVALID"],
  ["a stream that is none", "GET /api/v1/jobs/ENDED/output?stream=stdlog", {}, "REQUEST_INVALID"],
  [
    "a last event that is none",
    "GET /api/v1/jobs/ENDED/events",
    { headers: { "last-event-id": "seven", accept: "text/event-stream" } },
    "REQUEST_INVALID",
  ],
  ["the counters, for a user", "GET /metrics", {}, "FORBIDDEN"],
] as const)(
  "answers %s with its code, a way to mend it and the request's id",
  async (_, request, options, code) => {
    const url = request.replace("ID", running).replace("ENDED", ended);
    const answer = await api.call(url, options);
    expect(answer).toMatchObject({
      status: errorCatalog[code].status,
      body: {
        code,
        message: expect.stringMatching(/^Cannot .*[^.]$/s) as string,
        fix: errorCatalog[code].fix,
      },
    });
    expect(answer.body).toHaveProperty("requestId", answer.headers["x-request-id"]);
    expect(answer.headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    });
  },
);

it("names the type that events are offered in, and no other", async () => {
  const path = `GET /api/v1/jobs/${running}/events`;
  const { body } = await api.call(path, { headers: { accept: "application/json" } });
  expect(JSON.stringify(body)).toContain("offers text/event-stream");
  expect(JSON.stringify(body)).not.toMatch(/ndjson|octet-stream/);
});

it("ABUSE 27: asks the store for nothing that cannot be an id", async () => {
  let asked = 0;
  await using counted = await ApiBench.open(({ store }) => {
    const find = store.jobs.get.bind(store.jobs);
    store.jobs.get = (id) => {
      asked++;
      return find(id);
    };
    return {};
  });
  for (const id of ["..", "1", running.toUpperCase(), `${running}x`])
    await counted.call(`GET /api/v1/jobs/${id}`);
  expect(asked).toBe(0);
  await counted.call(`GET /api/v1/jobs/${running}`);
  expect(asked).toBe(1);
});

it("names every wrong part of a request at once, of the query and the body", async () => {
  const { body } = await api.call("POST /api/v1/jobs?wait=soon&incldue=output", {
    body: { comand: "x", resources: { memory: "lots" } },
  });
  expect(body).toMatchObject({
    message:
      'Cannot read the request: query.wait must be written like 20s; query.incldue is not known: did you mean "include"?; body must have exactly one source, and has none: give one of `command`, `task`; and 2 more',
    problems: [
      { field: "query.wait", message: "must be written like 20s" },
      { field: "query.incldue", message: 'is not known: did you mean "include"?' },
      { field: "body", message: "must have exactly one source, and has none: give one of `command`, `task`" },
      { field: "resources.memory", message: "must be written like 512Mi" },
      { field: "comand", message: 'is not known: did you mean "command"?' },
    ],
  });
});

it("hides what really failed from the client, and logs it once with the request's id", async () => {
  await using broken = await ApiBench.open(({ scheduler }) => ({
    engines: new Map(),
    scheduler: {
      ...scheduler,
      slots: () => {
        throw new Error("the inside");
      },
    },
  }));
  const answer = await broken.call("GET /metrics", { as: "root" });
  expect(answer.status).toBe(200);
  const job = await broken.jobOf("queued");
  const failed = await broken.call(`GET /api/v1/jobs/${job.id}`);
  expect(failed).toMatchObject({
    status: 500,
    body: { code: "INTERNAL", message: "Cannot answer: the server failed" },
  });
  const lines = broken.logLines.filter((line) => line.includes("the inside"));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(String(failed.headers["x-request-id"]));
});

it("does not take a request's id from outside", async () => {
  const { headers } = await api.call("GET /healthz", { headers: { "x-request-id": "mine" } });
  expect(headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
});

it("never logs a token or a body", async () => {
  await api.call("POST /api/v1/jobs", { body: { command: "x", env: { KEY: "s3cret-value" }, bad: 1 } });
  await api.call("GET /api/v1/jobs", { headers: { authorization: `Bearer berth_${"Z".repeat(43)}` } });
  expect(api.logLines.join("")).not.toMatch(/s3cret-value|berth_/);
});

describe("on the wire", () => {
  let port: number;
  beforeAll(async () => {
    port = Number(new URL(await api.listen()).port);
  });

  async function exchange(bytes: string): Promise<string> {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("error", () => undefined);
    socket.write(bytes);
    return text(socket);
  }

  it.each([
    ["what is no HTTP", "HELLO\r\n\r\n", "400"],
    [
      "two lengths",
      "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
      "400",
    ],
    [
      "a length and chunks",
      "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "400",
    ],
    ["20 kB of headers", `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, "431"],
  ])("answers %s in the shape of every error, and closes", async (_, bytes, status) => {
    const answer = await exchange(bytes);
    expect(answer.split(" ")[1]).toBe(status);
    expect(JSON.parse(answer.split("\r\n\r\n")[1] ?? "")).toMatchObject({ code: "REQUEST_INVALID" });
  });
});
