import { afterAll, beforeAll, expect, it } from "vitest";
import { ApiBench, type Caller } from "./support/api-bench.ts";

interface Document {
  paths: Record<string, Record<string, { operationId: string; requestBody?: object }>>;
  components: { schemas: Record<string, object>; responses: object };
  "x-more-tasks"?: string;
}

let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open();
  await root("POST /api/v1/runners", { name: "plain", spec: {} });
  const input = { $defs: { n: { type: "integer" } }, properties: { n: { $ref: "#/$defs/n" } } };
  for (const name of ["one", "other"])
    await root("POST /api/v1/tasks", { name, spec: { runner: "plain", command: "true", input } });
  const rules = [{ resource: "tasks", names: ["one"], verbs: ["execute"] }];
  await root("POST /api/v1/roles", { name: "runs-one", rules });
  await root("POST /api/v1/bindings", { role: "runs-one", user: "bob" });
});
afterAll(() => api[Symbol.asyncDispose]());

const root = (request: string, body?: unknown) => api.call(request, { as: "root", body });
async function documentOf(as: Caller | null, query = ""): Promise<Document> {
  const answer = await api.call(`GET /api/v1/openapi.json${query}`, { as });
  expect(answer.status).toBe(200);
  return answer.body as Document;
}
const tasksOf = ({ paths }: Document): string[] =>
  Object.keys(paths).flatMap((path) => /^\/api\/v1\/tasks\/([a-z0-9-]+)\/run$/.exec(path)?.[1] ?? []);

it("has an operation for each task that one may execute, with its own body, and none for anybody else", async () => {
  const [all, some, none] = [await documentOf("root"), await documentOf("bob"), await documentOf(null)];
  expect([tasksOf(all), tasksOf(some), tasksOf(none)]).toEqual([["one", "other"], ["one"], []]);
  expect(some.paths["/api/v1/tasks/one/run"]?.["post"]).toMatchObject({
    operationId: "run_one",
    requestBody: {
      content: { "application/json": { schema: { $ref: "#/components/schemas/TaskInput_one" } } },
    },
  });
  expect(some.components.schemas["TaskInput_one"]).toEqual({
    $defs: { n: { type: "integer" } },
    properties: { n: { $ref: "#/components/schemas/TaskInput_one/$defs/n" } },
  });
  // Beside that it is the document of everybody.
  delete some.paths["/api/v1/tasks/one/run"];
  delete some.components.schemas["TaskInput_one"];
  expect(some).toEqual(none);
});

it("follows the task, and the right to it", async () => {
  await root("PATCH /api/v1/tasks/one", { spec: { input: { type: "object" } } });
  expect((await documentOf("bob")).components.schemas["TaskInput_one"]).toEqual({ type: "object" });
  await root("PUT /api/v1/roles/runs-one", {
    rules: [{ resource: "tasks", names: ["other"], verbs: ["execute"] }],
  });
  expect(tasksOf(await documentOf("bob"))).toEqual(["other"]);
});

it("has those alone that are asked for, and at most 500", async () => {
  expect(tasksOf(await documentOf("root", "?task=other,none"))).toEqual(["other"]);
  expect((await api.call("GET /api/v1/openapi.json?task=A%20b", { as: "root" })).status).toBe(400);
  const { definitions } = api.context.store;
  const spec = JSON.stringify({ belongsTo: "plain", command: "true" });
  const at = { createdAt: 1, updatedAt: 1, updatedBy: "root" };
  for (let n = 0; n < 500; n += 1)
    await definitions.insert({
      kind: "task",
      name: `many-${n}`,
      owner: "root",
      belongsTo: "plain",
      spec,
      ...at,
    });
  const many = await documentOf("root");
  expect([tasksOf(many).length, many["x-more-tasks"]]).toEqual([500, expect.stringContaining("?task=")]);
  expect(tasksOf(await documentOf("root", "?task=other"))).toEqual(["other"]);
});

it("is refused to whoever shows what proves nobody", async () => {
  const headers = { authorization: "Bearer berth_nothing" };
  expect((await api.call("GET /api/v1/openapi.json", { as: null, headers })).status).toBe(401);
});
