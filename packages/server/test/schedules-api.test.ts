import type { Job, NextRuns, Schedule, ScheduleRun } from "@berth/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runDue } from "../src/operations/tasks/schedules/run-due.ts";
import { ApiBench, type Caller } from "./support/api-bench.ts";
import { until } from "./support/until.ts";

let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open();
  await call("POST /api/v1/bindings", { role: "admin", user: "root" });
  await call("POST /api/v1/runners", { name: "plain", spec: {} });
  const input = { type: "object", properties: { n: { type: "integer", default: 7 } }, required: ["city"] };
  await call("POST /api/v1/tasks", { name: "report", spec: { runner: "plain", command: "true", input } });
  await call("POST /api/v1/tasks", { name: "free", spec: { runner: "plain", command: "true" } });
});
afterAll(() => api[Symbol.asyncDispose]());

const call = (request: string, body?: unknown, as: Caller = "root") => api.call(request, { as, body });
const codeOf = ({ body }: { body: unknown }) => (body as { code?: string } | null)?.code;

/** Due every ten minutes of one day in 2028, so that nothing comes by the clock of the host. */
const cron = "*/10 * 29 2 *";
const at = (time: string): number => Date.parse(`2028-02-29T${time}Z`);
const spec = { task: "free", cron, zone: "UTC" };

/** As when the host's clock shows this. */
const dueAt = (name: string, time: string) => runDue({ ...api.context, now: () => at(time) }, name);
const make = async (name: string, change: object = {}, as: Caller = "root") =>
  await call("POST /api/v1/schedules", { name, spec: { ...spec, ...change } }, as);
const shown = async (name: string): Promise<Schedule> =>
  (await call(`GET /api/v1/schedules/${name}`)).body as Schedule;
const runsOf = async (name: string) =>
  ((await call(`GET /api/v1/schedules/${name}/runs`)).body as { items: ScheduleRun[] }).items;
const briefly = (runs: readonly ScheduleRun[]) =>
  runs.map(({ dueAt: due, outcome, missed }) => [due.slice(11, 16), outcome, missed]);
const jobsOf = async (name: string): Promise<Job[]> =>
  ((await call(`GET /api/v1/jobs?name=${name}`)).body as { items: Job[] }).items;

async function allow(user: Caller, role: string, rules: object[]): Promise<string> {
  await call("POST /api/v1/roles", { name: role, rules });
  const bound = await call("POST /api/v1/bindings", { role, user });
  return (bound.body as { id: string }).id;
}

describe("a schedule", () => {
  it("is made, shown, previewed, changed, rolled back and deleted", async () => {
    const made = await make("whole", { input: { city: "Oslo" }, task: "report", zone: "Europe/Berlin" });
    expect(made).toMatchObject({
      status: 201,
      body: { version: 1, owner: "root", nextAt: "2028-02-28T23:00:00.000Z", lastAt: null, paused: null },
    });
    expect(made.headers["etag"]).toBe('"1"');
    expect(codeOf(await make("whole"))).toBe("SCHEDULE_EXISTS");
    const next = (await call("GET /api/v1/schedules/whole/next")).body as NextRuns;
    expect([next.zone, next.items.length, next.items[1]]).toEqual([
      "Europe/Berlin",
      10,
      "2028-02-28T23:10:00.000Z",
    ]);
    expect(await call("PATCH /api/v1/schedules/whole", { spec: { zone: null } })).toMatchObject({
      body: { version: 2, nextAt: "2028-02-29T00:00:00.000Z" },
    });
    expect((await call("GET /api/v1/schedules/whole/diff")).body).toMatchObject({
      changes: [{ field: "zone", before: "Europe/Berlin", after: null }],
    });
    expect(await call("POST /api/v1/schedules/whole/rollback", { version: 1 })).toMatchObject({
      body: { version: 3, nextAt: "2028-02-28T23:00:00.000Z" },
    });
    expect((await call("GET /api/v1/schedules?limit=1")).body).toMatchObject({
      items: [{ name: "whole", nextAt: "2028-02-28T23:00:00.000Z" }],
    });
    expect(codeOf(await call("DELETE /api/v1/tasks/report"))).toBe("TASK_IN_USE");
    expect((await call("DELETE /api/v1/schedules/whole")).status).toBe(204);
    expect(codeOf(await call("GET /api/v1/schedules/whole"))).toBe("SCHEDULE_NOT_FOUND");
  });

  it.each([
    [{ cron: "* * * * * *" }, 400, "spec.cron"],
    [{ cron: "0 0 31 2 *" }, 400, "spec.cron"],
    [{ zone: "Mars/Olympus" }, 400, "spec.zone"],
    [{ catchUp: "some" }, 400, "spec.catchUp"],
    [{ task: "nowhere" }, 404, "TASK_NOT_FOUND"],
    [{ task: "report" }, 422, "city"],
    [{ task: "report", input: { city: 1, n: "x" } }, 422, "n must be integer"],
  ])("that cannot be is refused with the reason: %j", async (change, status, why) => {
    const answer = await make("wrong", change);
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(why)]);
    expect((await call("GET /api/v1/schedules/wrong")).status).toBe(404);
  });

  it("runs its task when it is due, once, with its input, as its owner, and says so", async () => {
    await make("daily", { task: "report", input: { city: "Oslo" } });
    await dueAt("daily", "00:09:59");
    // As when two servers came to it at the same moment.
    await Promise.all([dueAt("daily", "00:00:01"), dueAt("daily", "00:00:02"), dueAt("daily", "00:00:03")]);
    const [listed, ...others] = await jobsOf("daily");
    const job = (await call(`GET /api/v1/jobs/${listed?.id}`)).body as Job;
    const given = (await api.context.store.jobs.get(job.id))?.spec.view.env?.["EXTRA_VARS"];
    expect([job.owner, job.task?.name, given, others]).toEqual([
      "root",
      "report",
      '{"city":"Oslo","n":7}',
      [],
    ]);
    expect(await runsOf("daily")).toMatchObject([{ outcome: "submitted", job: job.id, why: null }]);
    expect(await shown("daily")).toMatchObject({
      nextAt: "2028-02-29T00:10:00.000Z",
      lastAt: "2028-02-29T00:00:00.000Z",
    });
    const trail = await call(`GET /api/v1/audit?resource=jobs&name=${job.id}`);
    expect(trail.text).toContain('"door":"schedule"');
    expect(trail.text).toContain('"origin":"schedule daily"');
  });

  it("is come to by the server's own clock", async () => {
    const { store, schedules } = api.context;
    await make("real");
    await call("POST /api/v1/schedules/real/pause");
    await store.schedules.resume("real", Date.now() - 5);
    schedules.changed();
    const [job] = await until(
      async () => {
        const found = await jobsOf("real");
        return found.length > 0 && found;
      },
      { what: "the job of the schedule" },
    );
    expect(job?.task?.name).toBe("free");
    expect((await shown("real")).nextAt).toBe("2028-02-29T00:00:00.000Z");
  });

  it.each([
    ["skip", [["00:20", "skipped", 2]]],
    ["latest", [["00:20", "submitted", 2]]],
    [
      "all",
      [
        ["00:20", "submitted", 0],
        ["00:10", "submitted", 0],
        ["00:00", "submitted", 0],
      ],
    ],
  ])("of a server that was down over three due times runs %s", async (catchUp, runs) => {
    const name = `down-${catchUp}`;
    await make(name, { catchUp });
    await dueAt(name, "00:25");
    expect(briefly(await runsOf(name))).toEqual(runs);
    expect(await jobsOf(name)).toHaveLength(runs.filter(([, outcome]) => outcome === "submitted").length);
    // Set back, the clock finds none of them due again; set forward, it finds what was missed.
    await dueAt(name, "00:05");
    await dueAt(name, "00:29:59");
    expect(await runsOf(name)).toHaveLength(runs.length);
    await dueAt(name, "00:30");
    expect(await runsOf(name)).toHaveLength(runs.length + 1);
  });

  it("runs nothing while it is paused, and makes up for nothing of it", async () => {
    await make("rests", { catchUp: "all" });
    expect((await call("POST /api/v1/schedules/rests/pause")).body).toMatchObject({
      nextAt: null,
      paused: { at: expect.any(String) as string, why: null },
    });
    await dueAt("rests", "00:30");
    expect(await runsOf("rests")).toEqual([]);
    expect((await call("GET /api/v1/schedules/rests/next?count=1")).body).toMatchObject({
      items: ["2028-02-29T00:00:00.000Z"],
    });
    await call("POST /api/v1/schedules/rests/pause");
    expect((await call("POST /api/v1/schedules/rests/resume")).body).toMatchObject({ paused: null });
    await dueAt("rests", "00:00");
    expect(briefly(await runsOf("rests"))).toEqual([["00:00", "submitted", 0]]);
  });
});

describe("whoever has something run by the clock", () => {
  const own = ["create", "read", "list", "update", "delete"];

  it("must be allowed to run the task, now and each time, and after three refusals it is paused", async () => {
    expect(codeOf(await make("anns", {}, "ann"))).toBe("TASK_NOT_FOUND");
    const binding = await allow("ann", "runs-free", [
      { resource: "tasks", names: ["free"], verbs: ["execute"] },
    ]);
    expect((await make("anns", {}, "ann")).status).toBe(201);
    await dueAt("anns", "00:00");
    expect((await jobsOf("anns")).map(({ owner }) => owner)).toEqual(["ann"]);
    await call(`DELETE /api/v1/bindings/${binding}`);
    for (const time of ["00:10", "00:20"]) await dueAt("anns", time);
    expect((await shown("anns")).paused).toBeNull();
    await dueAt("anns", "00:30");
    await dueAt("anns", "00:40");
    const paused = { why: expect.stringContaining('Cannot find task "free"') as string };
    expect(await shown("anns")).toMatchObject({ nextAt: null, paused });
    expect(briefly(await runsOf("anns"))).toEqual([
      ["00:30", "refused", 0],
      ["00:20", "refused", 0],
      ["00:10", "refused", 0],
      ["00:00", "submitted", 0],
    ]);
    const trail = await call("GET /api/v1/audit?resource=schedules&name=anns&outcome=failed");
    expect(trail.text).toContain('"paused":true');
  });

  it("is asked whether it is locked or gone", async () => {
    await allow("bob", "runs-free-too", [{ resource: "tasks", names: ["free"], verbs: ["execute"] }]);
    await make("bobs", {}, "bob");
    await call("POST /api/v1/certificates/lock", { name: "bob", locked: true });
    await dueAt("bobs", "00:00");
    expect(await runsOf("bobs")).toMatchObject([
      { outcome: "refused", why: expect.stringContaining("locked") as string },
    ]);
    await call("POST /api/v1/certificates/lock", { name: "bob", locked: false });
    await dueAt("bobs", "00:10");
    expect(briefly(await runsOf("bobs"))[0]).toEqual(["00:10", "submitted", 0]);
    await call("POST /api/v1/users", { name: "bob", password: "correct horse battery" });
    await call("DELETE /api/v1/users/bob");
    await dueAt("bobs", "00:20");
    expect(await runsOf("bobs")).toMatchObject([{ outcome: "refused" }, {}, {}]);
  });

  it("alone says what is run in its name", async () => {
    await allow("an", "keeps-schedules", [
      { resource: "schedules", names: ["*"], verbs: own },
      { resource: "tasks", names: ["free"], verbs: ["execute"] },
    ]);
    await make("roots");
    const change = (change: object) => call("PATCH /api/v1/schedules/roots", { spec: change }, "an");
    expect((await change({ cron: "*/20 * 29 2 *" })).status).toBe(200);
    expect(codeOf(await change({ input: { city: "here" } }))).toBe("FORBIDDEN");
    expect(codeOf(await change({ task: "report", input: { city: "here" } }))).toBe("TASK_NOT_FOUND");
    expect((await call("POST /api/v1/schedules/roots/pause", undefined, "an")).status).toBe(200);
    // Whoever may be anybody says it for anybody.
    await allow("ann-b", "runs-free-also", [{ resource: "tasks", names: ["free"], verbs: ["execute"] }]);
    await make("annbs", {}, "ann-b");
    expect((await call("PATCH /api/v1/schedules/annbs", { spec: { input: 1 } })).status).toBe(200);
  });
});
