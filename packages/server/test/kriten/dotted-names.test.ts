import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiBench } from "../support/api-bench.ts";
import { created, error, kriten, mask, play } from "../support/kriten-rows.ts";

let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open(undefined, { kriten: { images: "ignore" } });
});
afterAll(() => api[Symbol.asyncDispose]());

const runner = { name: "python-3.9", image: "python:3.9-slim", gitURL: "https://git.example.org/kit.git" };
const shown = { ...runner, branch: "main", token: "", secret: { username: mask, super_secret: mask } };
const task = { name: "hello.v2", runner: "python-3.9", command: "python hello.py" };

/** As Kriten's own examples call them. */
describe("a name with a dot", () => {
  play(() => api, {
    "POST /runners": {
      sent: { ...runner, branch: "main", secret: { username: "admin-of-it", super_secret: "1234567890!" } },
      answer: shown,
    },
    "GET /runners/python-3.9": { answer: shown },
    "GET /runners/python-3.9/secret": { answer: shown.secret },
    "POST /tasks": { sent: task, answer: { ...task, synchronous: false } },
    "GET /tasks/hello.v2": { answer: { ...task, synchronous: false } },
    "DELETE /runners/python-3.9": {
      status: 502,
      answer: error("runner is bound with task: hello.v2 , please delete that first"),
    },
    "POST /cronjobs": {
      sent: { name: "each.day", task: "hello.v2", schedule: "0 3 29 2 *" },
      answer: { msg: "job created successfully", id: "each.day" },
    },
    "POST /runners (of another's path)": {
      sent: { ...runner, name: ".." },
      status: 400,
      answer: error(expect.stringContaining("name must be")),
    },
  });

  it("is one on every path of the API, and in the names of its runs", async () => {
    const root = (request: string) => api.call(request, { as: "root" });
    for (const path of [
      "runners/python-3.9",
      "tasks/hello.v2",
      "schedules/each.day",
      "secrets/runner-python-3.9",
    ])
      expect([path, (await root(`GET /api/v1/${path}`)).status]).toEqual([path, 200]);
    const spec = { runner: "no.code", command: "true" };
    await api.call("POST /api/v1/runners", { as: "root", body: { name: "no.code", spec: {} } });
    await api.call("POST /api/v1/tasks", { as: "root", body: { name: "run.v2", spec } });
    const { body } = await root(`POST ${kriten}/jobs/run.v2`);
    expect(body).toEqual(created("run\\.v2"));
    const { id } = body as { id: string };
    expect((await root(`GET ${kriten}/jobs/${id}`)).body).toMatchObject({ id });
    const { body: document } = await root("GET /api/v1/openapi.json?task=run.v2");
    const { paths } = document as { paths: Record<string, { post?: { operationId: string } }> };
    expect(paths["/api/v1/tasks/run.v2/run"]?.post?.operationId).toBe("run_run_v2");
  });
});
