import type { Job, JobList } from "@berth/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runTask } from "../src/operations/tasks/run-task.ts";
import { ApiBench, type Caller } from "./support/api-bench.ts";
import { sampleCaller } from "./support/sample-caller.ts";

let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open();
  const input = { type: "object", properties: { n: { type: "integer", default: 7 } } };
  await root("POST /api/v1/runners", { name: "plain", spec: {} });
  for (const name of ["typed", "other"])
    await root("POST /api/v1/tasks", { name, spec: { runner: "plain", command: ["fake", "env"], input } });
  await root("POST /api/v1/bindings", { role: "executor", user: "ann" });
  await root("POST /api/v1/roles", {
    name: "runs-typed",
    rules: [{ resource: "tasks", names: ["typed"], verbs: ["execute"] }],
  });
  await root("POST /api/v1/bindings", { role: "runs-typed", user: "bob" });
});
afterAll(() => api[Symbol.asyncDispose]());

const root = (request: string, body?: unknown) => api.call(request, { as: "root", body });
const submit = (as: Caller, body: object, headers: Record<string, string> = {}) =>
  api.call("POST /api/v1/jobs", { as, body, headers });
const problemsOf = ({ body }: { body: unknown }) => (body as { problems: { field: string }[] }).problems;

it("is submitted as a job too, with words of its own beside what the task says", async () => {
  const words = { name: "run-1", labels: { team: "a" }, priority: 5 };
  const { status, body } = await submit("ann", { task: "typed", input: { m: 1 }, ...words });
  const { priority, ...shown } = words;
  expect([status, body]).toMatchObject([
    201,
    { ...shown, task: { name: "typed", version: 1 }, spec: { env: { EXTRA_VARS: '{"m":1,"n":7}' } } },
  ]);
  const job = await api.context.store.jobs.get((body as Job).id);
  expect(job?.priority).toBe(priority);
  // Without an input as a run without a body.
  expect((await submit("ann", { task: "typed" })).body).toMatchObject({
    spec: { env: { EXTRA_VARS: '{"n":7}' } },
  });
});

it("is checked as any run is, whatever the door", async () => {
  expect(await submit("ann", { task: "typed", input: { n: "x" } })).toMatchObject({
    status: 422,
    body: { code: "INPUT_INVALID" },
  });
  // Who may not execute it is told nothing of it.
  expect(await submit("bob", { task: "other" })).toMatchObject({
    status: 404,
    body: { code: "TASK_NOT_FOUND" },
  });
  expect(problemsOf(await submit("ann", { task: "typed", command: "true" }))).toMatchObject([
    { field: "task" },
  ]);
  expect(problemsOf(await submit("ann", { task: "typed", env: { A: "b" } }))).toMatchObject([
    { field: "env" },
  ]);
  expect(problemsOf(await submit("ann", {}))).toMatchObject([{ field: "body" }]);
  expect(problemsOf(await submit("ann", { task: "typed", input: { m: "x".repeat(70_000) } }))).toMatchObject([
    { field: "input" },
  ]);
});

it("is one run under one key, unless it says something else of itself", async () => {
  const key = { "idempotency-key": "same" };
  const first = await submit("ann", { task: "typed", name: "a" }, key);
  const again = await submit("ann", { task: "typed", name: "a" }, key);
  expect([first.status, (again.body as Job).id]).toEqual([201, (first.body as Job).id]);
  expect(await submit("ann", { task: "typed", name: "b" }, key)).toMatchObject({ status: 409 });
});

it("says in its record what asked for it, and is stored once under a key that no header can hold", async () => {
  const request = {
    caller: sampleCaller(),
    name: "typed",
    input: new TextEncoder().encode("{}"),
    idempotencyKey: "schedule\nnightly\n1763800000000",
    origin: "schedule nightly",
  };
  const runs = await Promise.all([1, 2, 3].map(() => runTask(api.context, request)));
  expect(runs.filter(({ replayed }) => replayed)).toHaveLength(2);
  const [{ job }] = runs as [(typeof runs)[0]];
  const { text } = await root(`GET /api/v1/audit?resource=jobs&name=${job.id}`);
  expect(text).toContain('"origin":"schedule nightly"');
});

it("is listed by its task: to who may only execute it what it ran itself", async () => {
  const ofAnn = (await submit("ann", { task: "other" })).body as Job;
  const ofBob = (await api.call("POST /api/v1/tasks/typed/run", { as: "bob", body: "{}" })).body as Job;
  const list = async (as: Caller, name: string, query = "") => {
    const { status, body } = await api.call(`GET /api/v1/tasks/${name}/jobs${query}`, { as });
    return status === 200 ? (body as JobList).items.map(({ id }) => id) : status;
  };
  expect(await list("root", "other")).toEqual([ofAnn.id]);
  expect(await list("bob", "typed")).toEqual([ofBob.id]);
  expect(await list("root", "typed")).toContain(ofBob.id);
  expect([await list("bob", "other"), await list("bob", "nothing")]).toEqual([404, 404]);
  expect(await list("root", "other", "?state=succeeded")).toEqual([]);
  expect(await list("root", "other", "?state=never")).toBe(400);
  const all = (await api.call("GET /api/v1/jobs?task=other", { as: "root" })).body as JobList;
  expect(all.items.map(({ id }) => id)).toEqual([ofAnn.id]);
});
