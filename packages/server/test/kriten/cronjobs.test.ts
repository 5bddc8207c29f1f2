import { afterAll, beforeAll, describe, expect } from "vitest";
import { ApiBench } from "../support/api-bench.ts";
import { error, play } from "../support/kriten-rows.ts";

let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open();
  await api.call("POST /api/v1/runners", { as: "root", body: { name: "plain", spec: {} } });
  const spec = { runner: "plain", command: "true", input: { type: "object", title: "any" } };
  await api.call("POST /api/v1/tasks", { as: "root", body: { name: "free", spec } });
});
afterAll(() => api[Symbol.asyncDispose]());

const cronjob = { name: "nightly", task: "free", schedule: "30 2 * * *" };
const shown = { ...cronjob, owner: "root", disable: false, extra_vars: {} };

describe("a cronjob", () => {
  play(() => api, {
    "GET /cronjobs (none)": { answer: [], count: 0 },
    "GET /cronjobs/nightly (none)": { status: 500, answer: error("cronjob not found") },
    "POST /cronjobs": { sent: cronjob, answer: { msg: "job created successfully", id: "nightly" } },
    "POST /cronjobs (again)": {
      sent: cronjob,
      status: 502,
      answer: error("cronjob already exists, please use a different name"),
    },
    "PUT /cronjobs": {
      sent: { ...cronjob, name: "off", disable: true, extra_vars: { n: 1 } },
      answer: { msg: "job created successfully", id: "off" },
    },
    "GET /cronjobs": {
      answer: [shown, { ...shown, name: "off", disable: true, extra_vars: { n: 1 } }],
      count: 2,
    },
    "GET /cronjobs/off": { answer: { ...shown, name: "off", disable: true, extra_vars: { n: 1 } } },
    "GET /cronjobs/free/schema": { answer: { type: "object", title: "any" } },
    "GET /cronjobs/nowhere/schema": { answer: { msg: "schema not found" } },
    "PATCH /cronjobs/nightly": {
      sent: { ...cronjob, schedule: "0 3 * * *", disable: true },
      answer: { ...shown, schedule: "0 3 * * *", disable: true },
    },
    "PUT /cronjobs/nightly": { sent: cronjob, answer: shown },
    "POST /cronjobs (never due)": {
      sent: { ...cronjob, name: "never", schedule: "0 0 31 2 *" },
      status: 400,
      answer: error(expect.stringContaining("cron") as string),
    },
    "POST /cronjobs (of no task)": {
      sent: { ...cronjob, name: "x", task: "nowhere" },
      status: 400,
      answer: error("task doesn't exist"),
    },
    "PATCH /cronjobs/nowhere": { sent: cronjob, status: 500, answer: error("cronjob not found") },
    "DELETE /cronjobs/nightly": { answer: { msg: "cronjob deleted successfully" } },
    "DELETE /cronjobs/off": { answer: { msg: "cronjob deleted successfully" } },
    "DELETE /cronjobs/off (gone)": { status: 500, answer: error("cronjob not found") },
    "DELETE /tasks/free": { answer: { msg: "task deleted successfully" } },
  });
});
