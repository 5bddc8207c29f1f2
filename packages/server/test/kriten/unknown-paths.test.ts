import { afterAll, beforeAll, expect, it } from "vitest";
import { ApiBench } from "../support/api-bench.ts";
import { kriten } from "../support/kriten-rows.ts";

let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open();
});
afterAll(() => api[Symbol.asyncDispose]());

it.each([
  ["GET", "/nothing"],
  ["GET", ""],
  ["POST", "/runners/a/b/c"],
  ["DELETE", "/runners"],
  ["PATCH", "/jobs"],
  ["GET", "/login"],
  ["OPTIONS", "/tasks"],
])("what Kriten does not know is answered as it does, whoever asks: %s %s", async (method, path) => {
  for (const as of [null, "root"] as const) {
    const answer = await api.call(`${method} ${kriten}${path}`, {
      as,
      ...(method === "POST" && { body: "x" }),
    });
    expect([answer.status, answer.headers["content-type"], answer.text]).toEqual([
      404,
      "text/plain",
      "404 page not found",
    ]);
  }
});

it.each([
  ["GET", "/runners/", 301, "/runners"],
  ["GET", "/jobs/?limit=1", 301, "/jobs?limit=1"],
  ["POST", "/jobs/hello/", 307, "/jobs/hello"],
  ["GET", "/runners//", 301, "/runners"],
])("a slash too many is led to the path without it: %s %s", async (method, path, status, location) => {
  const answer = await api.call(`${method} ${kriten}${path}`, { as: null });
  expect([answer.status, answer.headers["location"]]).toEqual([status, `${kriten}${location}`]);
});

it("leaves the paths of the API itself as they are", async () => {
  for (const path of ["/kriten", "/kritenx/api", "/api/v1/nothing"]) {
    const { status, body } = await api.call(`GET ${path}`);
    expect([path, status, body]).toMatchObject([path, 404, { code: "ROUTE_NOT_FOUND" }]);
  }
});
