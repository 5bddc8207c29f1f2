import { operations } from "@berth/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ApiBench } from "./support/api-bench.ts";
import { sampleJob } from "./support/sample-job.ts";

let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open();
});
afterAll(() => api[Symbol.asyncDispose]());

type Json = Record<string, unknown>;

interface DocumentedOperation {
  operationId: string;
  responses: Json;
  /** Of an upload the body is a stream of bytes. */
  requestBody?: { content: { "application/json"?: { example: unknown } } };
}

const hour = { value: 3_600_000, by: "job" } as const;

interface Document {
  openapi: string;
  info: { description: string };
  servers: unknown[];
  paths: Record<string, Record<string, DocumentedOperation>>;
  components: { schemas: Record<string, unknown> };
}

async function document(): Promise<Document> {
  return (await api.call("GET /api/v1/openapi.json", { as: null })).body as Document;
}

it("describes every operation of the contract, once", async () => {
  const { openapi, paths } = await document();
  expect(openapi).toBe("3.1.0");
  const described = Object.values(paths).flatMap((path) =>
    Object.values(path).map(({ operationId }) => operationId),
  );
  expect(described.toSorted()).toEqual(
    [...Object.keys(operations), "health", "metrics", "readiness"].toSorted(),
  );
});

it("describes every route of the server, and no other", async () => {
  const { paths } = await document();
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  // Programs have no use for the pages of people, and Kriten's clients know Kriten's own document.
  const isForPeople = /openapi|docs|^\/$|^\/(login|logout|kriten)(\/|$)/;
  const served = api.app.routeTable
    .filter(({ method, url, isRefusal }) => method !== "HEAD" && !isRefusal && !isForPeople.test(url))
    .map(({ method, url }) => `${method} ${url.replaceAll(/:(\w+)/g, "{$1}").replace("*", "{path}")}`);
  expect(described.toSorted()).toEqual(served.toSorted());
});

it("names each schema once and refers to none that is not there", async () => {
  const whole = await document();
  const names = Object.keys(whole.components.schemas);
  expect(names).toEqual(
    expect.arrayContaining(["Job", "JobSpec", "JobEvent", "OutputChunk", "Error", "EngineList"]),
  );
  const referred = JSON.stringify(whole).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g);
  for (const [, name] of referred) expect(names).toContain(name);
  expect(JSON.stringify(whole)).not.toContain("$defs");
});

/** What `{name}` is in the example that makes one. */
function nameIn(path: string): string {
  if (path.includes("secrets")) return "database";
  if (path.includes("runners")) return "reports";
  if (path.includes("tasks")) return "monthly-report";
  if (path.includes("webhooks")) return "books-closed";
  if (path.includes("schedules")) return "sales-monthly";
  return path.includes("roles") ? "watcher" : "pypi";
}

/** Of the job that the examples are about. */
const exampleId = "0199a2b4-7c1e-7d53-9f0a-3b6c8d21e4f7";

it("has an example of every schema, and a request that can be sent as it is for every body", async () => {
  const { components, paths } = await document();
  for (const [name, schema] of Object.entries(components.schemas))
    expect([name, (schema as { examples?: unknown[] }).examples?.length]).toEqual([name, expect.any(Number)]);
  const { id } = await api.jobOf("running", { limits: { ...sampleJob().limits, runMs: hour } });
  const sent: string[] = [];
  const key = `whsec_${"A".repeat(32)}`;
  await api.call("POST /api/v1/secrets", { as: "root", body: { name: "books-hook", values: { key } } });
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { requestBody }] of Object.entries(methods)) {
      const described = requestBody?.content["application/json"];
      if (described === undefined) continue;
      // The job of the examples is this one.
      const body = JSON.parse(JSON.stringify(described.example).replaceAll(exampleId, id)) as object;
      const url = path
        .replace("{id}", id)
        .replace("{name}", nameIn(path))
        .replace("{user}", "ann")
        .replace("{group}", "ops");
      const { status, text } = await api.call(`${method.toUpperCase()} ${url}`, { as: "root", body });
      // This server speaks no gRPC, and nobody has such a password: which comes out once the request was read.
      // Nor does anybody else know people here, and nobody was told of this job.
      const isRead = /names no issuer|"LOGIN_NOT_FOUND"|"DELIVERY_NOT_FOUND"/.test(text);
      expect([url, isRead ? 200 : status, text]).toEqual([
        url,
        expect.toBeOneOf([200, 201, 202, 204, 401, 409, 501]),
        expect.any(String),
      ]);
      sent.push(url);
    }
  }
  expect(sent).toHaveLength(44);
});

it("says where a client begins: token, waiting, streams, sending twice, and the server itself", async () => {
  const { info, servers } = await document();
  for (const word of ["Authorization: Bearer", "wait=20s", "Last-Event-ID", "Idempotency-Key", "next"])
    expect(info.description).toContain(word);
  expect(servers).toEqual([{ url: "/", description: expect.any(String) as string }]);
});

it("promises no field of a request that may be left out, forbids none in an answer, and has room for offsets", async () => {
  const { components } = await document();
  const { JobSpec, Job, OutputChunk } = components.schemas as Record<
    string,
    { properties: Record<string, Json> } & Json
  >;
  expect(JobSpec).toMatchObject({ required: ["command"], additionalProperties: false });
  expect(JobSpec?.properties["args"]).not.toHaveProperty("default");
  expect(Job).not.toHaveProperty("additionalProperties");
  expect(OutputChunk?.properties["offset"]).toMatchObject({ type: "integer", format: "int64" });
});

it("leads who opens the server's address to the pages", async () => {
  expect(await api.call("GET /", { as: null })).toMatchObject({
    status: 302,
    headers: { location: "/api/v1/docs" },
  });
});

it("shows pages that a browser may run, under a policy of their own", async () => {
  const page = await api.call("GET /api/v1/docs/", { as: null });
  expect(page).toMatchObject({ status: 200, headers: { "content-type": "text/html; charset=utf-8" } });
  const policy = String(page.headers["content-security-policy"]);
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toMatch(/unsafe-inline|unsafe-eval|upgrade-insecure-requests/);
  // Every inline script or style would be stopped by that policy.
  expect(page.text).not.toMatch(/<script>|<style>| style=/);
  const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, asset]) => asset ?? "");
  expect(assets.length).toBeGreaterThan(3);
  for (const asset of assets) {
    const path = new URL(asset, "http://x/api/v1/docs/").pathname;
    expect((await api.call(`GET ${path}`, { as: null })).status).toBe(200);
  }
});

it("finds the pages without the slash at the end too", async () => {
  const page = await api.call("GET /api/v1/docs", { as: null });
  expect(page.status).toBe(200);
});

it("answers what is not there below the pages with a 404", async () => {
  expect((await api.call("GET /api/v1/docs/static/..%2f..%2f..%2fpackage.json", { as: null })).status).toBe(
    404,
  );
});
