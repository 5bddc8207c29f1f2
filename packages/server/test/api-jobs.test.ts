import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Job, jobList, job as jobSchema } from "@berth/protocol";
import { expect, it } from "vitest";
import { ApiBench } from "./support/api-bench.ts";
import { until } from "./support/until.ts";

const spec = { command: "python3", args: ["report.py"], files: { "report.py": "print(1)" }, name: "report" };

it("stores a job and says where it is", async () => {
  await using api = await ApiBench.open();
  const answer = await api.call("POST /api/v1/jobs", { body: spec });
  expect(answer.status).toBe(201);
  const job = jobSchema.parse(answer.body);
  expect(job).toMatchObject({ name: "report", owner: "ann", state: "queued", engine: "fake" });
  expect(job.spec.files).toEqual({ "report.py": { size: 8 } });
  expect(answer.headers["location"]).toBe(`/api/v1/jobs/${job.id}`);
  expect((await api.call(`GET ${String(answer.headers["location"])}`)).body).toMatchObject({
    id: job.id,
    cause: { code: "waiting_for_slot" },
  });
});

it("tries whether it would take a job, and stores nothing of it", async () => {
  await using api = await ApiBench.open();
  const archive = { upload: "0".repeat(64), format: "tar" };
  const check = async (body: object) => await api.call("POST /api/v1/jobs/check", { body });
  // Read in a thread, as the body of a submit is.
  const long = { ...spec, args: ["x".repeat(100_000)] };
  for (const body of [spec, { command: "make", archive }, long])
    expect(await check(body)).toMatchObject({ status: 204, body: null });
  const refusals = [
    [{ ...spec, resources: { memory: "lots" } }, "REQUEST_INVALID"],
    [{ ...long, engine: "nowhere" }, "ENGINE_UNKNOWN"],
    [{ command: "make", archive, network: "nowhere" }, "NETWORK_UNKNOWN"],
  ] as const;
  for (const [body, code] of refusals) {
    const answer = await check(body);
    expect(answer).toMatchObject({ body: { code } });
    expect((await api.call("POST /api/v1/jobs", { body })).body).toEqual({
      ...(answer.body as object),
      requestId: expect.anything() as unknown,
    });
  }
  expect((await api.call("GET /api/v1/jobs")).body).toMatchObject({ items: [] });
});

it("ABUSE 23: answers the same key and body with the same job, and another body with a conflict", async () => {
  await using api = await ApiBench.open();
  const headers = { "idempotency-key": "one-report" };
  const [first, second] = await Promise.all([
    api.call("POST /api/v1/jobs", { body: spec, headers }),
    api.call("POST /api/v1/jobs", { body: spec, headers }),
  ]);
  expect([first.status, second.status]).toEqual([201, 201]);
  expect((first.body as Job).id).toBe((second.body as Job).id);
  expect(
    [first, second].filter(({ headers: given }) => given["idempotency-replayed"] === "true"),
  ).toHaveLength(1);
  const other = await api.call("POST /api/v1/jobs", { body: { ...spec, name: "other" }, headers });
  expect(other).toMatchObject({ status: 409, body: { code: "IDEMPOTENCY_CONFLICT" } });
  const stranger = await api.call("POST /api/v1/jobs", { as: "bob", body: spec, headers });
  expect(stranger.status).toBe(201);
  expect((stranger.body as Job).id).not.toBe((first.body as Job).id);
});

it("waits for the end, and puts the output into the answer when asked", async () => {
  await using api = await ApiBench.open();
  const job = await api.runningJob();
  await job.write("x".repeat(70_000));
  await job.write("\xff oops", "stderr");
  const waiting = api.call(`GET /api/v1/jobs/${job.id}?wait=20s&include=output`);
  await job.end();
  const { body } = await waiting;
  expect(body).toMatchObject({
    state: "succeeded",
    exitCode: 0,
    stdout: { bytes: 70_000, truncated: true },
    stderr: { text: "\xff oops", truncated: false },
  });
  expect(jobSchema.parse(body).stdout?.text).toHaveLength(65_536);
});

it("answers with the job as it is when the time is over", async () => {
  await using api = await ApiBench.open();
  expect((await api.call("POST /api/v1/jobs?wait=20ms", { body: spec })).body).toMatchObject({
    state: "queued",
  });
});

it("lists newest first, page by page, by label, state and name", async () => {
  await using api = await ApiBench.open();
  for (const index of [1, 2, 3]) {
    const labels = { team: "a", index: String(index) };
    await api.call("POST /api/v1/jobs", { body: { ...spec, name: `job-${index}`, labels } });
  }
  const list = async (query: string) => jobList.parse((await api.call(`GET /api/v1/jobs?${query}`)).body);
  const first = await list("limit=2");
  expect(first.items.map(({ name }) => name)).toEqual(["job-3", "job-2"]);
  const second = await list(`limit=2&cursor=${encodeURIComponent(first.next ?? "")}`);
  expect([second.items.map(({ name }) => name), second.next]).toEqual([["job-1"], null]);
  expect((await list("label=team=a&label=index=2&state=queued,running")).items).toHaveLength(1);
  expect((await list("name=job-2&createdAfter=2020-01-01T00:00:00Z")).items).toHaveLength(1);
  expect((await list("createdBefore=2020-01-01T00:00:00Z")).items).toEqual([]);
});

it("takes several states, repeated or separated by commas, and refuses one that is none", async () => {
  await using api = await ApiBench.open();
  for (const state of ["queued", "running", "succeeded"] as const) await api.jobOf(state);
  const states = async (query: string) => {
    const { items } = jobList.parse((await api.call(`GET /api/v1/jobs?${query}`)).body);
    return items.map(({ state }) => state).toSorted();
  };
  expect(await states("state=queued&state=running")).toEqual(["queued", "running"]);
  expect(await states("state=queued,running&state=succeeded")).toEqual(["queued", "running", "succeeded"]);
  expect(await states("state=queued&state=queued")).toEqual(["queued"]);
  const wrong = await api.call("GET /api/v1/jobs?state=queued&state=done");
  expect(wrong).toMatchObject({ status: 400, body: { problems: [{ field: "query.state[1]" }] } });
  const many = `GET /api/v1/jobs?${"state=queued&".repeat(65)}`;
  expect((await api.call(many)).status).toBe(400);
});

it("stops with the grace of the request, or the server's", async () => {
  await using api = await ApiBench.open();
  const job = await api.jobOf("running");
  expect(await api.call(`POST /api/v1/jobs/${job.id}/stop`)).toMatchObject({ status: 202 });
  expect((await api.context.store.jobs.get(job.id))?.stop).toMatchObject({ graceMs: 5000 });
  const other = await api.jobOf("running");
  await api.call(`POST /api/v1/jobs/${other.id}/stop`, { body: { grace: "1s" } });
  expect((await api.context.store.jobs.get(other.id))?.stop).toMatchObject({ graceMs: 1000 });
});

it("passes a second stop on, also one that asks for the same", async () => {
  const woken: string[] = [];
  await using api = await ApiBench.open(({ scheduler }) => ({
    scheduler: { ...scheduler, wake: (id) => void woken.push(id) },
  }));
  const { id } = await api.jobOf("queued");
  await api.call(`POST /api/v1/jobs/${id}/stop`);
  await api.call(`POST /api/v1/jobs/${id}/stop`);
  expect(woken).toEqual([id, id]);
});

it("deletes what has ended", async () => {
  await using api = await ApiBench.open();
  const job = await api.jobOf("succeeded");
  expect(await api.call(`DELETE /api/v1/jobs/${job.id}`)).toMatchObject({ status: 204, text: "" });
  expect(await api.call(`GET /api/v1/jobs/${job.id}`)).toMatchObject({ status: 404 });
});

it.each([[{ total: 3 }], ["text"], [false], [[1, 2]]])("shows the result %j as JSON", async (result) => {
  await using api = await ApiBench.open();
  const job = await api.jobOf("running");
  await api.jobs.move(job.id, "succeeded", { resultJson: JSON.stringify(result) });
  const answer = await api.call(`GET /api/v1/jobs/${job.id}/result`);
  expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
  expect(answer.body).toEqual(result);
});

const digits = '{"id":9007199254740993,"pi":3.14159265358979323846,"text":"9007199254740993"}';

it("finds a job by its name or the beginning of its id, for who may see it", async () => {
  await using api = await ApiBench.open();
  const submit = async (as: "ann" | "bob") =>
    (await api.call("POST /api/v1/jobs", { as, body: { command: "true", name: "find-me" } })).body as Job;
  const { id } = await submit("ann");
  await submit("bob");
  const ask = async (query: string, as: "ann" | "bob") => {
    const answer = await api.call(`GET /api/v1/jobs?${query}`, { as });
    return [
      answer.status,
      answer.status === 200 ? jobList.parse(answer.body).items.map((job) => job.id) : [],
    ];
  };
  expect(await ask("ref=find-me", "ann")).toEqual([200, [id]]);
  expect(await ask(`ref=${id.slice(0, 35)}`, "ann")).toEqual([200, expect.arrayContaining([id])]);
  expect(await ask(`ref=${id}`, "bob")).toEqual([200, []]);
  expect(await ask("ref=find-me&limit=1&state=running", "ann")).toEqual([400, []]);
});

it("ABUSE 26: hands out every digit of a result, alone, in its job, in a list, and with output", async () => {
  await using api = await ApiBench.open();
  const { id } = await api.jobOf("running");
  await api.jobs.move(id, "succeeded", { resultJson: digits });
  expect((await api.call(`GET /api/v1/jobs/${id}/result`)).text).toBe(digits);
  for (const path of [`/${id}`, `/${id}?include=output`, "", `/${id}?wait=1s`]) {
    const { text } = await api.call(`GET /api/v1/jobs${path}`);
    expect(text).toContain(`"result":${digits}}`);
    JSON.parse(text);
  }
  expect((await api.call(`POST /api/v1/jobs/${id}/stop`)).text).toContain(`"result":${digits}}`);
});

it("hands out artifacts as files that no browser shows", async () => {
  await using api = await ApiBench.open();
  const job = await api.jobOf("succeeded");
  const path = 'out/ein "Bericht" ä%.html';
  const artifact = { path, size: 5, modifiedAt: "2026-01-01T00:00:00.000Z" };
  const folder = await api.context.artifacts.prepare(job.id);
  mkdirSync(join(folder, "out"));
  writeFileSync(join(folder, path), "<b>x ");
  await api.context.artifacts.save(job.id, { items: [artifact], skipped: [] }, { heldBytes: 0 });
  expect((await api.call(`GET /api/v1/jobs/${job.id}/artifacts`)).body).toEqual({
    items: [artifact],
    skipped: [],
  });
  const answer = await api.call(`GET /api/v1/jobs/${job.id}/artifacts/${encodeURIComponent(path)}`);
  expect(answer.text).toBe("<b>x ");
  expect(answer.headers).toMatchObject({
    "content-type": "application/octet-stream",
    "content-length": "5",
    "content-disposition": `attachment; filename="ein _Bericht_ __.html"; filename*=UTF-8''ein%20%22Bericht%22%20%C3%A4%25.html`,
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  });
});

it("adds up extensions that come at once", async () => {
  await using api = await ApiBench.open();
  const { id, limits } = await api.jobOf("running");
  const deadlineAt = 2_000_000_000_000;
  const runMs = { value: 1000, by: "job" as const };
  await api.context.store.jobs.update(id, { deadlineAt, limits: { ...limits, runMs } });
  const extend = () => api.call(`POST /api/v1/jobs/${id}/extend`, { body: { by: "1m" } });
  const answers = await Promise.all(Array.from({ length: 20 }, extend));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect((await api.context.store.jobs.get(id))?.deadlineAt).toBe(deadlineAt + 20 * 60_000);
});

it("shows what the engines can enforce", async () => {
  await using api = await ApiBench.open();
  const { body } = await api.call("GET /api/v1/engines");
  expect(body).toMatchObject({
    items: [{ name: "fake", default: true, slots: { total: 4, busy: 4, queued: 1 } }],
  });
});

it("is ready while the database answers and the engine is usable", async () => {
  await using api = await ApiBench.open();
  expect(await api.call("GET /readyz", { as: null })).toMatchObject({
    status: 200,
    body: { status: "ready" },
  });
  await using without = await ApiBench.open(({ scheduler }) => ({
    scheduler: {
      ...scheduler,
      readiness: () => ({ ready: false, reason: "a job of the server's own failed" }),
    },
  }));
  expect(await without.call("GET /readyz", { as: null })).toMatchObject({
    status: 503,
    body: {
      code: "ENGINE_UNAVAILABLE",
      message: "Cannot take jobs: a job of the server's own failed",
    },
  });
  expect(await without.call("GET /healthz", { as: null })).toMatchObject({ status: 200 });
  expect(without.logLines.join("")).not.toContain("ENGINE_UNAVAILABLE");
  await api.context.store[Symbol.asyncDispose]();
  expect(await api.call("GET /readyz", { as: null })).toMatchObject({
    status: 503,
    body: { message: "Cannot take jobs: the database does not answer, or takes no writes" },
  });
});

it("takes no job once the disk has room for the ends of others only, and tells of those it has", async () => {
  let isSpent = true;
  await using api = await ApiBench.open(() => ({ diskReserve: { isSpent: () => isSpent } }));
  const { id } = await api.jobOf("queued");
  const submit = () => api.call("POST /api/v1/jobs", { body: { command: "true" } });
  expect(await submit()).toMatchObject({
    status: 507,
    body: {
      code: "STORAGE_FAILED",
      message: "Cannot submit job: the server's data disk is full",
      fix: "Make room on the server's data disk, then try again",
    },
  });
  expect(await api.call(`GET /api/v1/jobs/${id}`)).toMatchObject({ status: 200 });
  isSpent = false;
  expect(await submit()).toMatchObject({ status: 201 });
});

it("counts requests by route as declared and by status", async () => {
  await using api = await ApiBench.open();
  const job = await api.jobOf("running");
  await api.call(`GET /api/v1/jobs/${job.id}`);
  await api.call(`GET /api/v1/jobs/${job.id}`, { as: "bob" });
  const shown = await until(
    async () => {
      const { text } = await api.call("GET /metrics", { as: "root" });
      return text.includes('route="/api/v1/jobs/:id",status="404"} 1') ? text : null;
    },
    { what: "the counted requests" },
  );
  expect(shown).toContain('berth_http_requests_total{method="GET",route="/api/v1/jobs/:id",status="200"} 1');
  expect(shown).toContain('berth_errors_total{code="JOB_NOT_FOUND"} 1');
  expect(shown).not.toContain(job.id);
});
