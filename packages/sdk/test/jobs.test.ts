import { expect, it } from "vitest";
import { Berth, connect, isBerthError, isJobFailed, outcomeCode, type BerthError } from "../src/index.ts";
import { fail, ScriptedServer, send } from "./support/scripted-server.ts";

async function failureOf(work: Promise<unknown>): Promise<BerthError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!isBerthError(error)) throw new Error("no BerthError", { cause: error });
  return error;
}

it("makes one job although the answers of its submit are cut three times", async () => {
  await using server = await new ScriptedServer().listen();
  const berth = new Berth({ url: server.url });
  let cuts = 0;
  server.cutAfter = ({ method }) => (method === "POST" && cuts++ < 3 ? 20 : null);
  const job = await berth.jobs.submit({ command: "true" });
  expect([...server.jobs.keys()]).toEqual([job.id]);
  expect(server.requests).toHaveLength(4);
});

it("gives every submit a key of its own, and the caller's where there is one", async () => {
  await using server = await new ScriptedServer().listen();
  const berth = new Berth({ url: server.url, token: "berth_x" });
  await berth.jobs.submit({ command: "true" });
  await berth.jobs.submit({ command: "true" });
  await berth.jobs.submit({ command: "true" }, { idempotencyKey: "mine" });
  const keys = server.requests.map(({ headers }) => headers["idempotency-key"]);
  expect(new Set(keys).size).toBe(3);
  expect(keys[2]).toBe("mine");
  expect(server.requests[0]?.headers.authorization).toBe("Bearer berth_x");
});

it("sends text as text and bytes as base64", async () => {
  await using server = await new ScriptedServer().listen();
  const berth = new Berth({ url: server.url });
  const all = Uint8Array.from({ length: 256 }, (_, n) => n);
  await berth.jobs.submit({
    command: "cat",
    files: { "a.txt": "grüß", "b.bin": all.subarray(250), "c.bin": { base64: "AAE=" }, ["__proto__"]: "x" },
    stdin: all.subarray(0, 1),
  });
  expect(JSON.parse(JSON.stringify(server.requests[0]?.body))).toEqual(
    JSON.parse(
      `{"command":"cat","stdin":{"base64":"AA=="},"files":{"a.txt":"grüß","b.bin":{"base64":"+vv8/f7/"},"c.bin":{"base64":"AAE="},"__proto__":"x"}}`,
    ),
  );
});

it("waits for the end over answers that come before it, cut connections and a busy server", async () => {
  await using server = await new ScriptedServer().listen();
  const berth = new Berth({ url: server.url });
  const job = server.add();
  let asked = 0;
  server.intercept = (_request, response) => {
    asked += 1;
    if (asked === 1) response.destroy();
    else if (asked === 2) fail(response, "SHUTTING_DOWN", "Cannot answer: the server goes down");
    else if (asked === 3) response.writeHead(502).end("<html>bad gateway</html>");
    else {
      queueMicrotask(() => job.enter("succeeded", { exitCode: 0 }));
      return false;
    }
    return true;
  };
  expect(await berth.jobs.handle(job.id).done()).toMatchObject({ state: "succeeded", exitCode: 0 });
  expect(asked).toBe(4);
});

it("submits, waits and brings the output in one round trip", async () => {
  await using server = await new ScriptedServer().listen();
  const berth = new Berth({ url: server.url });
  server.onSubmit = (job) => {
    job.write("stdout", "hello");
    setImmediate(() => job.enter("succeeded", { exitCode: 0 }));
  };
  const job = await berth.jobs.submitAndWait({ command: "echo" }, { wait: "20s", includeOutput: true });
  expect(job).toMatchObject({ state: "succeeded", stdout: { text: "hello" } });
  expect(server.requests).toHaveLength(1);
});

it("answers with the job as it is when the wait is over", async () => {
  await using server = await new ScriptedServer().listen();
  const berth = new Berth({ url: server.url });
  expect(await berth.jobs.submitAndWait({ command: "sleep" }, { wait: "30ms" })).toMatchObject({
    state: "queued",
  });
});

it("does not press a server that answers a wait at once", async () => {
  await using server = await new ScriptedServer().listen();
  const berth = new Berth({ url: server.url });
  server.intercept = ({ query }) => (query.delete("wait"), false);
  await berth.jobs.submitAndWait({ command: "sleep" }, { wait: "300ms" });
  expect(server.requests.length).toBeLessThan(5);
});

const timedOut = { code: "run_timeout" as const, message: "Run timeout 1s reached", evidence: {} };

it("never takes a job for done that did not succeed, also when its program ended with 0", async () => {
  await using server = await new ScriptedServer().listen();
  const berth = new Berth({ url: server.url });
  const job = server.add();
  job.enter("failed", { exitCode: 0, cause: timedOut });
  const failure = await berth.jobs
    .handle(job.id)
    .done()
    .catch((error: unknown) => error);
  expect(isJobFailed(failure) && failure).toMatchObject({
    code: "JOB_FAILED",
    message: `Job "${job.id}" failed: Run timeout 1s reached`,
    exitCode: 124,
    job: { id: job.id, state: "failed" },
  });
  server.onSubmit = (one) => setImmediate(() => one.enter("canceled", { exitCode: 0 }));
  await expect(berth.jobs.submitAndWait({ command: "x" })).rejects.toMatchObject({
    code: "JOB_FAILED",
    exitCode: 123,
  });
});

it("gives a job that may fail as it ended", async () => {
  await using server = await new ScriptedServer().listen();
  const berth = new Berth({ url: server.url });
  const job = server.add();
  job.enter("failed", { exitCode: 0, cause: timedOut });
  const ended = await berth.jobs.handle(job.id).done({ mayFail: true });
  expect([ended.state, outcomeCode(ended)]).toEqual(["failed", 124]);
  server.onSubmit = (one) => setImmediate(() => one.enter("lost"));
  expect(await berth.jobs.submitAndWait({ command: "x" }, { mayFail: true })).toMatchObject({
    state: "lost",
  });
});

it("lists all jobs over pages", async () => {
  await using server = await new ScriptedServer().listen();
  const berth = new Berth({ url: server.url });
  const ids = Array.from({ length: 7 }, () => server.add().id).toReversed();
  const listed: string[] = [];
  for await (const { id } of berth.jobs.list({
    limit: 3,
    state: ["queued", "running"],
    labels: { a: "b" },
  })) {
    listed.push(id);
  }
  expect(listed).toEqual(ids);
  expect(server.requests.map(({ query }) => query.toString())).toEqual([
    "state=queued%2Crunning&label=a%3Db&limit=3",
    "state=queued%2Crunning&label=a%3Db&limit=3&cursor=3",
    "state=queued%2Crunning&label=a%3Db&limit=3&cursor=6",
  ]);
});

it("refuses a list that never goes on", async () => {
  await using server = await new ScriptedServer().listen();
  const berth = new Berth({ url: server.url });
  server.intercept = (_request, response) => (send(response, 200, { items: [], next: "same" }), true);
  const error = await failureOf(Array.fromAsync(berth.jobs.list()));
  expect(error.code).toBe("RESPONSE_INVALID");
});

it("stops, deletes, reads artifacts and results", async () => {
  await using server = await new ScriptedServer().listen();
  const berth = new Berth({ url: server.url });
  const scripted = server.add();
  const job = berth.jobs.handle(scripted.id);
  expect((await job.stop({ grace: "2s" })).id).toBe(job.id);
  expect(server.requests.at(-1)?.body).toEqual({ grace: "2s" });
  expect((await job.get()).state).toBe("stopping");
  scripted.artifacts.set("out/a b#.csv", Buffer.from("1,2"));
  scripted.enter("succeeded", { result: { total: 3 } });
  expect((await job.artifacts()).items).toMatchObject([{ path: "out/a b#.csv", size: 3 }]);
  const bytes = await Array.fromAsync(job.artifact("out/a b#.csv"));
  expect(Buffer.concat(bytes).toString()).toBe("1,2");
  expect(await job.result()).toEqual({ total: 3 });
  expect(await job.result({ parse: (value) => JSON.stringify(value) })).toBe('{"total":3}');
  await job.delete();
  expect(server.jobs.size).toBe(0);
});

it("never sends an extension twice", async () => {
  await using server = await new ScriptedServer().listen();
  const berth = new Berth({ url: server.url });
  server.intercept = (_request, response) => (response.destroy(), true);
  const error = await failureOf(berth.jobs.handle("x").extend({ by: "1m" }));
  expect(error.code).toBe("SERVER_UNREACHABLE");
  expect(server.requests).toHaveLength(1);
});

it("says whether the server takes jobs", async () => {
  await using server = await new ScriptedServer().listen();
  const berth = new Berth({ url: server.url });
  expect(await berth.health()).toEqual({ ready: true });
  server.intercept = (_request, response) => (response.writeHead(503).end("{}"), true);
  expect(await berth.health()).toEqual({ ready: false });
});

it("carries the server's code, sentence, problems and request id", async () => {
  await using server = await new ScriptedServer().listen();
  server.intercept = (_request, response) => {
    const problems = [{ field: "resources.memory", message: "must be written like 512Mi" }];
    send(response, 400, {
      code: "REQUEST_INVALID",
      message: "Cannot accept the job: 1 field is wrong",
      problems,
      requestId: "r-7",
    });
    return true;
  };
  const error = await failureOf(new Berth({ url: server.url }).jobs.submit({ command: "true" }));
  expect(error).toMatchObject({
    code: "REQUEST_INVALID",
    requestId: "r-7",
    problems: [{ field: "resources.memory" }],
  });
});

it.each([
  ["a page of somebody else", 200, "<html>", "RESPONSE_INVALID"],
  ["JSON of somebody else", 200, `{"hello":1}`, "RESPONSE_INVALID"],
  ["a foreign error page", 418, "no", "RESPONSE_INVALID"],
  ["a code of a newer server", 403, `{"code":"NEW_THING","message":"Cannot do it: it is new"}`, "FORBIDDEN"],
  ["a redirect", 302, "", "RESPONSE_INVALID"],
  [
    "a bad token",
    401,
    `{"code":"UNAUTHENTICATED","message":"Cannot accept the token: nobody has it"}`,
    "UNAUTHENTICATED",
  ],
] as const)("turns %s into a typed error", async (_title, status, body, code) => {
  await using server = await new ScriptedServer().listen();
  server.intercept = (_request, response) => {
    response.writeHead(status, status === 302 ? { location: "http://127.0.0.1:1/" } : {}).end(body);
    return true;
  };
  expect((await failureOf(connect({ url: server.url, patience: { requestMs: 50 } }))).code).toBe(code);
});

it("names the URL and the reason when nobody listens", async () => {
  const server = await new ScriptedServer().listen();
  const { url } = server;
  await server[Symbol.asyncDispose]();
  const error = await failureOf(connect({ url, patience: { requestMs: 0 } }));
  expect(error.message).toBe(`Cannot reach the server "${url}": nobody listens there`);
});

it.each(["127.0.0.1:7400", "ftp://host", "", "http://"])("refuses the URL %j", (url) => {
  expect(() => new Berth({ url })).toThrow(/must begin with http/);
});

it("keeps credentials of a URL out of the error", () => {
  expect(() => new Berth({ url: "http://me:secret@host" })).toThrow(/^(?!.*secret)/);
});

it("ends with the reason of the caller's signal, also between two tries", async () => {
  const berth = new Berth({ url: "http://127.0.0.1:1" });
  await expect(berth.jobs.get("x", { signal: AbortSignal.timeout(30) })).rejects.toMatchObject({
    name: "TimeoutError",
  });
});
