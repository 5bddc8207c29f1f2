import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiBench } from "../support/api-bench.ts";
import { error, mask, play } from "../support/kriten-rows.ts";

let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open();
});
afterAll(() => api[Symbol.asyncDispose]());

const runner = { name: "reports", image: "python:3.12", gitURL: "https://git.example.org/reports.git" };
const shown = { ...runner, branch: "main", token: "", secret: {} };
const row = { ...runner, branch: "main" };

describe("K14, K15: a runner", () => {
  play(() => api, {
    "GET /runners (none)": { answer: [], count: 0 },
    "GET /runners/reports (none)": { answer: { msg: "runner not found" } },
    "GET /runners/NOT_A_NAME": { answer: { msg: "runner not found" } },
    "POST /runners": { sent: { ...runner, unknown: 1 }, answer: shown },
    "POST /runners (again)": {
      sent: runner,
      status: 409,
      answer: error("runner already exists, please use a different name"),
    },
    "PUT /runners": {
      sent: {
        ...runner,
        name: "tools",
        branch: "v2",
        token: "git-token-1",
        secret: { api_key: "s3cret", "a.b": "x" },
      },
      answer: { ...shown, name: "tools", branch: "v2", token: mask, secret: { api_key: mask, "a.b": mask } },
    },
    "GET /runners": { answer: [row, { ...row, name: "tools", branch: "v2" }], count: 2 },
    "GET /runners/reports": { answer: shown },
    "GET /runners/tools": {
      answer: { ...shown, name: "tools", branch: "v2", token: mask, secret: { api_key: mask, "a.b": mask } },
    },
    "POST /runners (without its code)": {
      sent: { name: "x", image: "y" },
      status: 400,
      answer: error("Cannot read the request: gitURL is missing"),
    },
    "POST /runners (a secret that is no name of a file)": {
      sent: { ...runner, name: "x", secret: { "../../work/x": "correct-horse" } },
      status: 400,
      answer: error(expect.stringContaining("secret") as string),
    },
    "PATCH /runners/reports (a secret that is no name of a file)": {
      sent: { ...runner, secret: { "a/b": "correct-horse" } },
      status: 400,
      answer: error(expect.stringContaining("secret") as string),
    },
    "POST /runners/reports/secret (that is no name of a file)": {
      sent: { "../x": "correct-horse" },
      status: 400,
      answer: error(expect.stringContaining("as a name must be") as string),
    },
    "POST /runners (no JSON)": {
      sent: "{",
      status: 400,
      answer: error(expect.stringContaining("must be JSON")),
    },
    "PATCH /runners/reports": {
      sent: { ...runner, image: "python:3.13" },
      answer: { ...shown, image: "python:3.13" },
    },
    "PUT /runners/reports": { sent: runner, answer: shown },
    "PATCH /runners/reports (not whole)": {
      sent: { image: "python:3.13" },
      status: 400,
      answer: error("Cannot read the request: gitURL is missing"),
    },
    "PATCH /runners/nowhere": {
      sent: { ...runner, name: "nowhere" },
      status: 404,
      answer: error("runner doesn't exist"),
    },
    "PATCH /runners/tools (without its token)": {
      sent: { ...runner, name: "tools", token: "", secret: { api_key: mask, "a.b": "", more: "m" } },
      answer: { ...shown, name: "tools", secret: { api_key: mask, more: mask } },
    },
    "DELETE /runners/nowhere": { status: 409, answer: error("runner doesn't exist") },
  });
});

describe("K10, K11: the secrets of a runner", () => {
  play(() => api, {
    "GET /runners/reports/secret (none)": { answer: { msg: "secret not found" } },
    "GET /runners/nowhere/secret": { answer: { msg: "secret not found" } },
    "POST /runners/reports/secret": {
      sent: { user: "app", password: "hunter2" },
      answer: { user: mask, password: mask },
    },
    "GET /runners/reports/secret": { answer: { user: mask, password: mask } },
    "PUT /runners/reports/secret": { sent: { user: mask, password: "" }, answer: { user: mask } },
    "GET /runners/reports": { answer: { ...shown, secret: { user: mask } } },
    "POST /runners/reports/secret (no text)": {
      sent: { user: 1 },
      status: 400,
      answer: error("Cannot read the request: user must be text, not a number"),
    },
    "DELETE /runners/reports/secret": { answer: { msg: "secret deleted successfully" } },
    "GET /runners/reports/secret (gone)": { answer: { msg: "secret not found" } },
    "GET /runners/tools/secret (by who may not change it)": {
      as: "ann",
      answer: { msg: "secret not found" },
    },
  });

  it("are what its jobs get as files and as variables", async () => {
    const { body } = await api.call("GET /api/v1/runners/tools", { as: "root" });
    expect((body as { spec: object }).spec).toMatchObject({
      url: runner.gitURL,
      ref: "main",
      secrets: [
        { name: "runner-tools", keys: ["api_key", "more"], env: { api_key: "api_key", more: "more" } },
      ],
    });
    expect(JSON.stringify(await api.call("GET /api/v1/secrets", { as: "root" }))).not.toContain("git-tools");
  });
});

const schema = {
  type: "object",
  properties: {
    month: { type: "string", example: "2026-01" },
    n: { type: "integer", minimum: 0, exclusiveMinimum: true },
  },
  required: ["month"],
};
const task = { name: "report", runner: "reports", command: "python3 report.py" };
const shownTask = { ...task, synchronous: false };

describe("K16, K17: a task", () => {
  play(() => api, {
    "GET /tasks (none)": { answer: [], count: 0 },
    "GET /tasks/report (none)": { answer: { msg: "task not found" } },
    "POST /tasks": { sent: task, answer: shownTask },
    "POST /tasks (again)": {
      sent: task,
      status: 409,
      answer: error("task already exists, please use a different name"),
    },
    "PUT /tasks": {
      sent: { ...task, name: "typed", synchronous: true, schema },
      answer: { ...shownTask, name: "typed", synchronous: true, schema },
    },
    "GET /tasks": {
      answer: [shownTask, { ...shownTask, name: "typed", synchronous: true, schema }],
      count: 2,
    },
    "GET /tasks/typed": { answer: { ...shownTask, name: "typed", synchronous: true, schema } },
    "POST /tasks (of no runner)": {
      sent: { ...task, name: "lonely", runner: "nowhere" },
      status: 400,
      answer: error("runner doesn't exist"),
    },
    "POST /tasks (without its command)": {
      sent: { name: "x", runner: "reports" },
      status: 400,
      answer: error(expect.stringContaining("command must be text")),
    },
    "PATCH /tasks/typed": {
      sent: { ...task, name: "typed", command: "true" },
      answer: { ...shownTask, name: "typed", command: "true", schema },
    },
    "PUT /tasks/nowhere": {
      sent: { ...task, name: "nowhere" },
      status: 409,
      answer: error("task doesn't exist"),
    },
    "DELETE /tasks/nowhere": { status: 409, answer: error("task doesn't exist") },
    "GET /tasks/typed/schema": { answer: schema },
    "GET /jobs/typed/schema": { answer: schema },
    "GET /tasks/report/schema": { answer: { msg: "schema not found" } },
    "GET /jobs/report/schema": { answer: { msg: "schema not found" } },
    "GET /jobs/nowhere/schema": { answer: { msg: "schema not found" } },
    "POST /tasks/report/schema": { sent: { type: "object" }, answer: { type: "object" } },
    "PUT /tasks/report/schema (no schema)": {
      sent: { type: "objekt" },
      status: 400,
      answer: error(expect.stringContaining("spec.input")),
    },
    "DELETE /tasks/report/schema": { answer: { msg: "schema deleted successfully" } },
    "GET /tasks/report": { answer: shownTask },
    "DELETE /runners/reports": {
      status: 502,
      answer: error("runner is bound with task: report , please delete that first"),
    },
  });

  it("checks its inputs by today's words", async () => {
    const { body } = await api.call("GET /api/v1/tasks/typed", { as: "root" });
    const { input } = (body as { spec: { input: { properties: object } } }).spec;
    expect(input.properties).toEqual({
      month: { type: "string" },
      n: { type: "integer", exclusiveMinimum: 0 },
    });
  });
});

describe("K16: what is taken away", () => {
  play(() => api, {
    "DELETE /tasks/report": { answer: { msg: "task deleted successfully" } },
    "DELETE /tasks/typed": { answer: { msg: "task deleted successfully" } },
    "DELETE /runners/reports": { answer: { msg: "runner deleted successfully" } },
    "DELETE /runners/tools": { answer: { msg: "runner deleted successfully" } },
    "GET /runners/tools": { answer: { msg: "runner not found" } },
  });

  it("leaves no secret behind", async () => {
    expect((await api.call("GET /api/v1/secrets", { as: "root" })).body).toEqual({ items: [] });
  });
});
