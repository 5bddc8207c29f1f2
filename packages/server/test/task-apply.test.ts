import type { Applied, AuditRecord, Schedule, Task } from "@berth/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiBench } from "./support/api-bench.ts";

let api: ApiBench;
beforeEach(async () => {
  api = await ApiBench.open();
});
afterEach(() => api[Symbol.asyncDispose]());

type As = "root" | "ann" | "bob";
const apply = (body: object, { as = "root", query = "" }: { as?: As; query?: string } = {}) =>
  api.call(`POST /api/v1/apply${query}`, { as, body });
async function applied(body: object, query = ""): Promise<Applied> {
  const answer = await apply(body, { query });
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return answer.body as Applied;
}
const told = ({ items }: Applied) => items.map(({ name, action, from, to }) => [name, action, from, to]);
async function refused(body: object, as: As = "root") {
  const before = await records();
  const { status, body: error } = await apply(body, { as });
  const { code, message, problems } = error as { code: string; message: string; problems: object[] };
  expect(await records()).toEqual(before);
  return { status, code, message, problems };
}
async function records(): Promise<AuditRecord[]> {
  const { body } = await api.call("GET /api/v1/audit?limit=200&outcome=done", { as: "root" });
  return (body as { items: AuditRecord[] }).items;
}
const get = async <Shown>(path: string) =>
  (await api.call(`GET /api/v1/${path}`, { as: "root" })).body as Shown;

const whole = {
  webhooks: [{ name: "pushed", spec: { task: "report", secret: "hook" } }],
  schedules: [{ name: "nightly", spec: { task: "report", cron: "0 3 * * *", input: { month: "2026-01" } } }],
  tasks: [
    {
      name: "report",
      spec: {
        runner: "reports",
        command: "report\n",
        input: { type: "object", properties: { month: { type: "string" } }, required: ["month"] },
      },
    },
  ],
  runners: [{ name: "reports", spec: { resources: { memory: "64Mi" } } }],
  bindings: [
    { role: "sellers", user: "paul" },
    { role: "viewer", group: "Lab" },
  ],
  roles: [{ name: "sellers", rules: [{ resource: "tasks", names: ["report"], verbs: ["execute"] }] }],
};
const values = { key: `whsec_${"A".repeat(43)}=` };
const hook = () => api.call("POST /api/v1/secrets", { as: "root", body: { name: "hook", values } });

describe("what is applied", () => {
  it("is made in the order in which each needs the others, each with its record, and nothing when it is applied again", async () => {
    await hook();
    const before = (await records()).length;
    const first = await applied(whole);
    expect(told(first)).toEqual([
      ["sellers", "create", null, null],
      ["sellers user paul", "create", null, null],
      ["viewer group lab", "create", null, null],
      ["reports", "create", null, 1],
      ["report", "create", null, 1],
      ["nightly", "create", null, 1],
      ["pushed", "create", null, 1],
    ]);
    expect(first.items.map(({ field }) => field)).toContain("bindings[1]");
    expect((await records()).length - before).toBe(7);
    expect((await get<Schedule>("schedules/nightly")).nextAt).not.toBeNull();
    const again = await applied(whole);
    expect(new Set(again.items.map(({ action }) => action))).toEqual(new Set(["unchanged"]));
    expect((await records()).length - before).toBe(7);
    expect((await get<{ items: object[] }>("tasks/report/versions")).items).toHaveLength(1);
    const paul = await api.call("GET /api/v1/bindings", { as: "root" });
    expect(paul.text).toMatch(/"role":"sellers","user":"paul"/);
  });

  it("is told field by field, by a dry run as by the real one, which alone changes it", async () => {
    await applied({ runners: whole.runners, tasks: whole.tasks });
    const { name, spec } = whole.tasks[0] ?? { name: "", spec: {} };
    const changed = { tasks: [{ name, spec: { ...spec, command: ["report", "-v"], input: {} } }] };
    const dry = await applied(changed, "?dryRun=true");
    expect([dry.dryRun, told(dry)]).toEqual([true, [["report", "update", 1, 2]]]);
    expect(dry.items[0]?.changes).toContainEqual({
      field: "command",
      before: "report\n",
      after: ["report", "-v"],
    });
    expect((await get<Task>("tasks/report")).version).toBe(1);
    expect(await applied(changed)).toEqual({ ...dry, dryRun: false });
    expect((await get<Task>("tasks/report")).spec).toEqual(changed.tasks[0]?.spec);
  });

  it("says all of it: a field that is left out is taken away", async () => {
    await applied({ runners: whole.runners });
    await applied({ runners: [{ name: "reports", spec: {} }] });
    expect((await get<Task>("runners/reports")).spec).toEqual({});
  });

  it("checks a schedule against the task as it is going to be, and never against one of another try", async () => {
    const { runners, tasks, schedules } = whole;
    const other = { ...tasks[0], spec: { ...tasks[0]?.spec, input: { required: ["year"] } } };
    const asOther = await refused({ runners, schedules, tasks: [other] });
    expect(asOther).toMatchObject({ status: 422, code: "INPUT_INVALID" });
    expect(asOther.problems).toEqual([
      { field: "schedules[0].spec.input.year", message: expect.any(String) as string },
    ]);
    await applied({ runners, schedules, tasks }, "?dryRun=1");
    await applied({ runners, tasks: [other] });
    expect((await refused({ schedules })).code).toBe("INPUT_INVALID");
  });

  it("leaves who owns a schedule, and whether it is paused, as they are", async () => {
    await applied({ runners: whole.runners, tasks: whole.tasks, schedules: whole.schedules });
    await api.call("POST /api/v1/schedules/nightly/pause", { as: "root" });
    const [{ name, spec } = { name: "", spec: {} }] = whole.schedules;
    await applied({ schedules: [{ name, spec: { ...spec, cron: "5 3 * * *" } }] });
    const { paused, owner, version } = await get<Schedule>("schedules/nightly");
    expect([paused === null, owner, version]).toEqual([false, "root", 2]);
  });
});

describe("where one of them cannot be", () => {
  it("none of them is, and every one that is refused is named with all that is wrong with it", async () => {
    const { runners } = whole;
    const answer = await refused({
      runners,
      tasks: [
        { name: "good", spec: { runner: "reports", command: "true" } },
        { name: "lost", spec: { runner: "nowhere", command: "true" } },
        { name: "knows", spec: { runner: "reports", command: "true", network: "nowhere" } },
        { name: "schema", spec: { runner: "reports", command: "true", input: { type: "objekt" } } },
      ],
      schedules: [{ name: "never", spec: { task: "good", cron: "61 * * * *" } }],
      bindings: [{ role: "nobody-knows", user: "paul" }],
      webhooks: [{ name: "hooked", spec: { task: "good", secret: "none" } }],
    });
    expect(answer.message).toMatch(/^Cannot apply 6 of 8 definitions, and nothing was changed: /);
    const fields = answer.problems.map((one) => (one as { field: string }).field);
    expect(fields).toEqual([
      "bindings[0].role",
      "tasks[1]",
      "tasks[2]",
      "tasks[3].spec.input",
      "schedules[0].spec.cron",
      "webhooks[0].spec.secret",
    ]);
    expect((await api.call("GET /api/v1/runners/reports", { as: "root" })).status).toBe(404);
  });

  it("says of a body that does not fit where, and of a wrong word which was meant", async () => {
    const answer = await refused({
      task: [],
      runners: [{ name: "Bad_Name", spec: { resource: {} } }],
      tasks: [{ name: "t", spec: { runner: "r", command: "true", sychronous: true } }, 7],
    });
    expect(answer).toMatchObject({ status: 400, code: "REQUEST_INVALID" });
    const text = answer.problems.map((one) => Object.values(one).join(" "));
    expect(text).toContain('task is not known: did you mean "tasks"?');
    expect(text).toContain('runners[0].spec.resource is not known: did you mean "resources"?');
    expect(text).toContain('tasks[0].spec.sychronous is not known: did you mean "synchronous"?');
    expect(text.join()).toMatch(/runners\[0\]\.name must be.*tasks\[1\] must be an object/);
  });

  it("refuses two of one name, also of bindings that come to the same", async () => {
    const answer = await refused({
      runners: [
        { name: "one", spec: {} },
        { name: "two", spec: {} },
        { name: "one", spec: { description: "other" } },
      ],
      bindings: [
        { role: "viewer", group: "lab" },
        { role: "viewer", group: "LAB" },
      ],
    });
    expect(answer.problems).toEqual([
      { field: "bindings[1]", message: "is that of bindings[0] too" },
      { field: "runners[2].name", message: "is that of runners[0] too" },
    ]);
  });

  it("refuses more than it would look at in a moment", async () => {
    const spec = { runner: "r", command: "true", collect: Array.from({ length: 100_001 }, () => ({})) };
    const answer = await refused({ tasks: [{ name: "t", spec }] });
    expect(answer.problems).toEqual([{ field: "body", message: "must hold at most 20000 values" }]);
    const runners = Array.from({ length: 1001 }, (_, n) => ({ name: `r${n}`, spec: {} }));
    expect((await refused({ runners })).problems).toEqual([
      { field: "runners", message: "must have at most 1000 items" },
    ]);
  });
});

describe("somebody who may not do all of it", () => {
  it("is told of each that it may not, by name, and nothing is changed", async () => {
    const answer = await refused(whole, "ann");
    expect(answer).toMatchObject({ status: 403, code: "FORBIDDEN" });
    const text = answer.problems.map((one) => Object.values(one).join(" ")).join("\n");
    expect(text).toMatch(/^roles\[0\] .*create roles/m);
    expect(text).toMatch(/^bindings\[0\] .*create bindings/m);
    expect(text).not.toMatch(/^(runners|tasks|schedules)/m);
  });

  it("learns nothing of what is another's, and takes nothing over", async () => {
    const secret = { name: "hidden", spec: { description: "of bob" } };
    expect((await apply({ runners: [secret] }, { as: "bob" })).status).toBe(200);
    const answer = await refused({ runners: [secret] }, "ann");
    expect(answer).toMatchObject({ status: 409, code: "RUNNER_EXISTS" });
    expect(JSON.stringify(answer)).not.toContain("of bob");
    const task = { name: "t", spec: { runner: "hidden", command: "true" } };
    expect(await refused({ tasks: [task] }, "ann")).toMatchObject({ code: "RUNNER_NOT_FOUND" });
  });

  it("comes by nothing that it does not hold", async () => {
    const rules = [{ resource: "roles", names: ["*"], verbs: ["create"] }];
    const grants = [...rules, { resource: "bindings", names: ["*"], verbs: ["create"] }];
    await applied({
      roles: [{ name: "makers", rules: grants }],
      bindings: [{ role: "makers", user: "ann" }],
    });
    const more = [{ resource: "users", names: ["*"], verbs: ["admin"] }];
    const held = await refused({ roles: [{ name: "mine", rules: more }] }, "ann");
    expect(held).toMatchObject({ code: "FORBIDDEN" });
    const both = { roles: [{ name: "mine", rules: more }], bindings: [{ role: "mine", user: "ann" }] };
    expect((await refused(both, "ann")).problems).toHaveLength(2);
    expect((await refused({ bindings: [{ role: "admin", user: "ann" }] }, "ann")).code).toBe("FORBIDDEN");
    expect((await apply({ roles: [{ name: "less", rules }] }, { as: "ann" })).status).toBe(200);
  });
});

it("is all or nothing also where somebody is faster between the look and the write", async () => {
  await applied({ runners: whole.runners });
  const { store } = api.context;
  const together = store.together.bind(store);
  store.together = async (parts) => {
    await api.call("PATCH /api/v1/runners/reports", { as: "root", body: { spec: { description: "other" } } });
    return await together(parts);
  };
  const roles = whole.roles;
  const runners = [
    { name: "first", spec: {} },
    { name: "reports", spec: { description: "mine" } },
  ];
  const answer = await apply({ roles, runners, tasks: whole.tasks });
  expect([answer.status, (answer.body as { code: string }).code]).toEqual([412, "VERSION_CHANGED"]);
  expect((answer.body as { problems: object[] }).problems).toEqual([
    {
      field: "runners[1]",
      message: expect.stringContaining('runner "reports": somebody was faster') as string,
    },
  ]);
  for (const path of ["roles/sellers", "runners/first", "tasks/report"])
    expect([path, (await api.call(`GET /api/v1/${path}`, { as: "root" })).status]).toEqual([path, 404]);
  expect((await get<{ spec: object }>("runners/reports")).spec).toMatchObject({ description: "other" });
});

it("asks of what is as it is written only that it may be read", async () => {
  await applied({ ...whole, webhooks: [], schedules: [] });
  const rules = ["roles", "bindings", "runners", "tasks"].map((resource) => ({
    resource,
    names: ["*"],
    verbs: ["read", "list"],
  }));
  await applied({ roles: [{ name: "readers", rules }], bindings: [{ role: "readers", user: "ann" }] });
  const read = { ...whole, webhooks: [], schedules: [] };
  const answer = await apply(read, { as: "ann" });
  expect([answer.status, answer.text]).toEqual([200, expect.not.stringMatching(/create|update/)]);
  expect((await refused({ runners: [{ name: "reports", spec: {} }] }, "ann")).code).toBe("FORBIDDEN");
  const executor = await refused(read, "bob");
  expect(executor.problems.length).toBeGreaterThanOrEqual(4);
});

it("leaves others their turns while a thousand entries are looked at", async () => {
  const runners = Array.from({ length: 1000 }, (_, n) => ({ name: `r${n}`, spec: {} }));
  let rounds = 0;
  const watch = { goesOn: true };
  const count = () => {
    rounds += 1;
    if (watch.goesOn) setImmediate(count);
  };
  setImmediate(count);
  await applied({ runners }, "?dryRun=true");
  watch.goesOn = false;
  expect(rounds).toBeGreaterThan(100);
});
