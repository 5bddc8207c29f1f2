import type { AuditList } from "@berth/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { givenRoles } from "../src/auth/roles.ts";
import { ApiBench } from "./support/api-bench.ts";
import { until } from "./support/until.ts";

let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open();
  const root = (request: string, body: object) => api.call(request, { as: "root", body });
  await root("POST /api/v1/runners", { name: "plain", spec: {} });
  await root("POST /api/v1/tasks", { name: "report", spec: { runner: "plain", command: "true" } });
  const rules = [{ resource: "tasks", names: ["report"], verbs: ["read"] }];
  await root("POST /api/v1/roles", { name: "reader", rules });
  await root("POST /api/v1/bindings", { role: "reader", user: "ann-b" });
  for (const user of ["bob", "ann-b", "an"]) await root("POST /api/v1/bindings", { role: "developer", user });
  await api.context.roles.reload(() => givenRoles(api.context.store));
});
afterAll(() => api[Symbol.asyncDispose]());

it.each([
  ["bob", "POST /api/v1/tasks/report/run", 404, "execute"],
  ["ann-b", "POST /api/v1/tasks/report/run", 403, "execute"],
  ["an", "GET /api/v1/tasks/report", 404, "read"],
] as const)(
  "what %s may not do to a foreign task is one record, of what was asked: %s",
  async (as, request, status, verb) => {
    const body = request.startsWith("POST") ? {} : undefined;
    const answer = await api.call(request, { as, body });
    expect([answer.status, answer.text]).toEqual([status, expect.anything()]);
    // Records are written in their order: what is behind the refusal has come when this one has.
    await api.call("POST /api/v1/networks", { as, body: {} });
    const denied = await until(
      async () => {
        const found = await api.call(`GET /api/v1/audit?outcome=denied&account=${as}`, { as: "root" });
        const { items } = found.body as AuditList;
        return items.some(({ resource }) => resource === "networks") ? items : null;
      },
      { what: "the records of the refusals" },
    );
    const ofTasks = denied.filter(({ resource }) => resource === "tasks");
    expect(ofTasks.map((one) => `${one.verb} ${one.name}`)).toEqual([`${verb} report`]);
  },
);
