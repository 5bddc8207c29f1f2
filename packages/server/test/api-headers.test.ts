import { afterAll, beforeAll, expect, it } from "vitest";
import { ApiBench } from "./support/api-bench.ts";

let api: ApiBench;
let ended = "";
beforeAll(async () => {
  api = await ApiBench.open();
  const job = await api.runningJob();
  await job.write("<script>alert(1)</script>");
  await job.end();
  ended = job.id;
});
afterAll(() => api[Symbol.asyncDispose]());

it.each([
  ["an answer", () => `GET /api/v1/jobs/${ended}`],
  ["a list", () => "GET /api/v1/jobs"],
  ["bytes of a job", () => `GET /api/v1/jobs/${ended}/output`],
  ["a stream of events", () => `GET /api/v1/jobs/${ended}/events`],
  ["a refusal", () => "GET /api/v1/jobs/1"],
  ["a path that is not there", () => "GET /nowhere"],
  ["a path that is not well-formed", () => "GET /%ff"],
  ["a method that is not there", () => "PUT /api/v1/jobs"],
  ["health", () => "GET /healthz"],
  ["the document", () => "GET /api/v1/openapi.json"],
])("lets no browser frame, lend, keep or sniff %s, nor tell others of it", async (_what, request) => {
  const { headers } = await api.call(request());
  expect(headers).toMatchObject({
    "cache-control": expect.stringMatching(/no-store|no-cache|max-age/) as string,
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  });
  expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
});
