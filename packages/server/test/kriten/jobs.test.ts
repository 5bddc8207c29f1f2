import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiBench } from "../support/api-bench.ts";
import { created, error, kriten, play, unixDate } from "../support/kriten-rows.ts";

let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open();
});
afterAll(() => api[Symbol.asyncDispose]());

describe("K5, K6, K12, K19: a job", () => {
  beforeAll(async () => {
    const reports = { name: "reports", image: "python:3.12", gitURL: "https://git.example.org/reports.git" };
    const report = { name: "report", runner: "reports", command: "true" };
    await api.call(`POST ${kriten}/runners`, { as: "root", body: reports });
    await api.call(`POST ${kriten}/tasks`, { as: "root", body: report });
    const plain = { runner: "plain", command: "python3 report.py" };
    await api.call("POST /api/v1/runners", { as: "root", body: { name: "plain", spec: {} } });
    for (const name of ["free", "waits"])
      await api.call("POST /api/v1/tasks", { as: "root", body: { name, spec: { ...plain } } });
    const input = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
    await api.call("POST /api/v1/tasks", { as: "root", body: { name: "strict", spec: { ...plain, input } } });
  });

  play(() => api, {
    "POST /jobs/free (any bytes)": { sent: "month=may", answer: created("free") },
    "PUT /jobs/free (nothing at all)": { answer: created("free") },
    "POST /jobs/strict": { sent: '{"n": 1}', answer: created("strict") },
    "POST /jobs/strict (what does not fit)": {
      sent: '{"n": "one"}',
      status: 500,
      answer: error(expect.stringContaining("n must be integer")),
    },
    "POST /jobs/nowhere": { sent: "{}", status: 500, answer: error("task not found") },
    "POST /jobs/report (what no engine here can)": {
      sent: "{}",
      status: 502,
      answer: error(expect.stringContaining('engine "fake"')),
    },
    "GET /jobs/free-zzzzz": { status: 500, answer: error("no pods found - check job ID") },
    "GET /jobs/free-zzzzz/log": { status: 500, answer: error("no pods found - check job ID") },
    "GET /jobs/0": { status: 500, answer: error("no pods found - check job ID") },
  });

  it("is listed newest first, without what it said", async () => {
    const { body, headers } = await api.call(`GET ${kriten}/jobs`, { as: "root" });
    const rows = body as { id: string; stdout: string; json_data: unknown; start_time: string }[];
    expect(rows.map(({ id }) => id.replace(/-[a-z0-9]{5}$/, ""))).toEqual(["strict", "free", "free"]);
    expect(headers["content-range"]).toBe("3");
    for (const one of rows)
      expect(one).toEqual({
        id: one.id,
        owner: "root",
        start_time: unixDate,
        completion_time: "",
        failed: 0,
        completed: 0,
        stdout: "",
        json_data: null,
      });
  });

  it("that has ended is shown with what it said and left, digit by digit", async () => {
    const running = await api.runningJob("root");
    const { id } = running;
    await running.write("^JSON\n{}\n^JSON\n");
    await running.write("careful\n", "stderr");
    await running.end({
      resultJson: '{"big":12345678901234567890}',
      endedAt: 1_800_000_001_000,
      startedAt: 1_800_000_000_000,
    });
    const shownJob = await api.call(`GET ${kriten}/jobs/${id}`, { as: "root" });
    expect(shownJob.text).toContain('"json_data":{"big":12345678901234567890}}');
    expect(shownJob.body).toMatchObject({
      id,
      owner: "root",
      start_time: "Fri Jan 15 08:00:00 UTC 2027",
      completion_time: "Fri Jan 15 08:00:01 UTC 2027",
      failed: 0,
      completed: 1,
      stdout: "^JSON\n{}\n^JSON\ncareful\n",
    });
    const log = await api.call(`GET ${kriten}/jobs/${id}/log`, { as: "root" });
    expect(log.headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(log.text).toBe(
      "\n\n## init container logs\n\n\n##application container logs \n^JSON\n{}\n^JSON\ncareful\n",
    );
  });

  it("is for somebody else as if it were not there", async () => {
    const { body } = await api.call(`POST ${kriten}/jobs/free`, { as: "root", body: "{}" });
    const { id } = body as { id: string };
    expect((await api.call(`GET ${kriten}/jobs/${id}`, { as: "root" })).status).toBe(200);
    for (const path of [`/jobs/${id}`, `/jobs/${id}/log`])
      expect(await api.call(`GET ${kriten}${path}`, { as: "ann" })).toMatchObject({
        status: 500,
        body: error("no pods found - check job ID"),
      });
    expect((await api.call(`GET ${kriten}/jobs`, { as: "ann" })).body).toEqual([]);
    expect((await api.call(`POST ${kriten}/jobs/free`, { as: "ann", body: "{}" })).body).toEqual(
      error("task not found"),
    );
  });

  it("of a synchronous task is answered whole once it has succeeded, and else as any other", async () => {
    await api.call("PATCH /api/v1/tasks/waits", {
      as: "root",
      body: { spec: { synchronous: true, wait: "1m" } },
    });
    const answers: unknown[] = [];
    for (const to of ["succeeded", "failed"] as const) {
      const answer = api.call(`POST ${kriten}/jobs/waits`, { as: "root", body: "{}" });
      await expect.poll(() => waitingJob("waits")).not.toBe("");
      const id = await waitingJob("waits");
      await api.context.logs.create(id);
      const way = to === "failed" ? ([to] as const) : (["preparing", "running", to] as const);
      for (const state of way)
        await api.jobs.move(id, state, { endedAt: state === to ? 1_800_000_001_000 : null });
      answers.push((await answer).body);
    }
    expect(answers).toEqual([
      expect.objectContaining({ owner: "root", completed: 1, failed: 0, stdout: "" }),
      created("waits"),
    ]);
  });
});

async function waitingJob(task: string): Promise<string> {
  const { store } = api.context;
  for (const { id } of await store.jobs.unfinished())
    if ((await store.jobs.get(id))?.task?.name === task) return id;
  return "";
}
