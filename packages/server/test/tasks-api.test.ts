import type { Difference, Job, JobList, Runner, Task } from "@berth/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashOf } from "../src/auth/tokens.ts";
import { ApiBench, type Caller } from "./support/api-bench.ts";
import { until } from "./support/until.ts";
import { sampleSession } from "./support/sample-session.ts";

let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open();
});
afterAll(() => api[Symbol.asyncDispose]());

const root = (request: string, body?: unknown, headers: Record<string, string> = {}) =>
  api.call(request, { as: "root", body, headers });
const codeOf = ({ body }: { body: unknown }) => (body as { code?: string } | null)?.code;

/** A role of these rules for this user alone. */
async function allow(user: Caller, role: string, rules: object[]): Promise<void> {
  await root("POST /api/v1/roles", { name: role, rules });
  expect((await root("POST /api/v1/bindings", { role, user })).status).toBe(201);
}

describe("a runner", () => {
  it("is defined, shown, changed by a patch and deleted, each change a version", async () => {
    const spec = { description: "old", resources: { memory: "64Mi", pids: 8 }, timeouts: { run: "1m" } };
    const made = await root("POST /api/v1/runners", { name: "plain", spec });
    expect(made).toMatchObject({ status: 201, body: { name: "plain", version: 1, owner: "root", spec } });
    expect(made.headers["etag"]).toBe('"1"');
    expect((await root("POST /api/v1/runners", { name: "plain", spec })).status).toBe(409);
    const patch = { spec: { resources: { memory: "128Mi" }, description: null } };
    const changed = await root("PATCH /api/v1/runners/plain", patch);
    expect(changed.body).toMatchObject({
      version: 2,
      spec: { resources: { memory: "128Mi", pids: 8 }, timeouts: { run: "1m" } },
    });
    expect((changed.body as Runner).spec.description).toBeUndefined();
    expect((await root("PATCH /api/v1/runners/plain", patch)).body).toMatchObject({ version: 2 });
    expect((await root("GET /api/v1/runners/plain?version=1")).body).toMatchObject({ version: 1, spec });
    expect((await root("GET /api/v1/runners/plain/diff")).body).toEqual({
      name: "plain",
      from: 1,
      to: 2,
      changes: [
        { field: "description", before: "old", after: null },
        { field: "resources.memory", before: "64Mi", after: "128Mi" },
      ],
    } satisfies Difference);
    const back = await root("POST /api/v1/runners/plain/rollback", { version: 1 });
    expect(back.body).toMatchObject({ version: 3, spec });
    const { items, next } = (await root("GET /api/v1/runners/plain/versions?limit=2")).body as {
      items: { version: number }[];
      next: string;
    };
    expect([items.map(({ version }) => version), next]).toEqual([[3, 2], "2"]);
    expect((await root("DELETE /api/v1/runners/plain")).status).toBe(204);
    for (const request of ["GET", "DELETE"])
      expect(codeOf(await root(`${request} /api/v1/runners/plain`))).toBe("RUNNER_NOT_FOUND");
  });

  it("is not changed by whoever has not seen what it says by now", async () => {
    await root("POST /api/v1/runners", { name: "seen", spec: {} });
    const change = (version: string, description: string) =>
      root("PATCH /api/v1/runners/seen", { spec: { description } }, { "if-match": version });
    expect((await change('"1"', "a")).status).toBe(200);
    expect(await change('"1"', "b")).toMatchObject({ status: 412, body: { code: "VERSION_CHANGED" } });
    expect((await change("*", "c")).body).toMatchObject({ version: 3, spec: { description: "c" } });
    expect((await change('W/"3"', "d")).status).toBe(400);
    // Of many at once that have seen the same, one goes through.
    const all = await Promise.all(Array.from({ length: 8 }, (_, n) => change('"3"', `e${n}`)));
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(all.filter(({ status }) => status === 412)).toHaveLength(7);
  });

  it("stays while tasks belong to it", async () => {
    await root("POST /api/v1/runners", { name: "bound", spec: {} });
    for (const name of ["bound-a", "bound-b"])
      await root("POST /api/v1/tasks", { name, spec: { runner: "bound", command: "true" } });
    const refused = await root("DELETE /api/v1/runners/bound");
    expect(refused).toMatchObject({ status: 409, body: { code: "RUNNER_IN_USE" } });
    expect(refused.text).toContain("bound-a, bound-b");
    await root("PATCH /api/v1/tasks/bound-a", { spec: { runner: "seen" } });
    await root("DELETE /api/v1/tasks/bound-b");
    expect((await root("DELETE /api/v1/runners/bound")).status).toBe(204);
  });

  it.each([
    [{ name: "UPPER", spec: {} }, "name"],
    [{ name: "x", spec: { memory: "1Gi" } }, "spec.memory"],
    [{ name: "x", spec: { resources: { memory: "lots" } } }, "spec.resources.memory"],
    [{ name: "x", spec: { engine: "nowhere" } }, "ENGINE_UNKNOWN"],
    [{ name: "x", spec: { network: "nowhere" } }, "NETWORK_UNKNOWN"],
  ])("that cannot be is refused with the reason: %j", async (body, why) => {
    const answer = await root("POST /api/v1/runners", body);
    expect(answer.text).toContain(why);
    expect(answer.status < 500 && answer.status >= 400).toBe(true);
  });
});

describe("a list", () => {
  it("has those that one may see, by name and a page at a time", async () => {
    for (const name of ["z-1", "z-2", "z-3", "z-4"])
      await root("POST /api/v1/tasks", { name, spec: { runner: "seen", command: "true" } });
    await allow("bob", "some", [{ resource: "tasks", names: ["z-1", "z-3", "z-4"], verbs: ["list"] }]);
    const page = async (query: string) => {
      const { items, next } = (await api.call(`GET /api/v1/tasks?${query}`, { as: "bob" })).body as {
        items: Task[];
        next: string | null;
      };
      return [items.map(({ name }) => name), next];
    };
    expect(await page("limit=2")).toEqual([["z-1", "z-3"], "z-3"]);
    expect(await page("limit=2&cursor=z-3")).toEqual([["z-4"], null]);
    expect((await api.call("GET /api/v1/tasks?cursor=%2F", { as: "bob" })).status).toBe(400);
    // Nothing was refused: what one does not see was not asked for. The first refusal is the one behind this.
    expect((await api.call("POST /api/v1/networks", { as: "bob", body: {} })).status).toBe(403);
    const refused = await until(
      async () => {
        const { body } = await root("GET /api/v1/audit?outcome=denied&account=bob");
        const { items } = body as { items: { resource: string; verb: string }[] };
        return items.some(({ resource }) => resource === "networks") ? items : null;
      },
      { what: "the record of a refusal" },
    );
    expect(refused.filter(({ resource, verb }) => resource === "tasks" && verb === "list")).toEqual([]);
    // A developer sees its own, and is told of others as of what is not there.
    expect((await api.call("GET /api/v1/tasks", { as: "ann" })).body).toMatchObject({ next: null });
    expect((await api.call("GET /api/v1/tasks/z-1", { as: "ann" })).status).toBe(404);
  });
});

describe("whoever defines a task", () => {
  it("must be allowed to use what it names", async () => {
    await root("POST /api/v1/secrets", { name: "vault", values: { password: "correct-horse" } });
    const define = (spec: object) =>
      api.call("POST /api/v1/tasks", { body: { name: "mine", spec: { command: "true", ...spec } } });
    expect(codeOf(await define({ runner: "seen" }))).toBe("RUNNER_NOT_FOUND");
    expect((await api.call("POST /api/v1/runners", { body: { name: "anns", spec: {} } })).status).toBe(201);
    expect(codeOf(await define({ runner: "anns", secrets: [{ name: "vault" }] }))).toBe("SECRET_NOT_ALLOWED");
    expect(codeOf(await define({ runner: "anns", network: "internet" }))).toBe("NETWORK_NOT_ALLOWED");
    expect((await define({ runner: "anns" })).status).toBe(201);
    const stolen = { spec: { secrets: [{ name: "vault" }] } };
    expect(codeOf(await api.call("PATCH /api/v1/tasks/mine", { body: stolen }))).toBe("SECRET_NOT_ALLOWED");
    expect((await api.call("PATCH /api/v1/tasks/mine", { as: "bob", body: stolen })).status).toBe(404);
  });

  it("is told what is wrong with its schema, and what holds is recorded field by field", async () => {
    const spec = { runner: "seen", command: "deploy --all", input: { type: "objekt" } };
    const refused = await root("POST /api/v1/tasks", { name: "schemed", spec });
    expect(refused).toMatchObject({ status: 400, body: { problems: [{ field: "spec.input" }] } });
    await root("POST /api/v1/tasks", { name: "schemed", spec: { ...spec, input: { type: "object" } } });
    const properties = { password: { type: "string", default: "hunter2" } };
    await root("PATCH /api/v1/tasks/schemed", { spec: { command: "deploy", input: { properties } } });
    const trail = await root("GET /api/v1/audit?resource=tasks&name=schemed");
    const { items } = JSON.parse(trail.text) as { items: { verb: string; changes: object[] }[] };
    expect(items.find(({ verb }) => verb === "update")?.changes).toEqual([
      { field: "command", before: "deploy --all", after: "deploy" },
      { field: "input.type", before: "object", after: null },
      {
        field: "input.properties",
        before: null,
        after: { password: { type: "string", default: "************" } },
      },
    ]);
    expect(trail.text).not.toContain("hunter2");
  });

  it("has each run recorded as the task's execution, and as the job's submission", async () => {
    await root("POST /api/v1/tasks", { name: "executed", spec: { runner: "seen", command: "true" } });
    const ran = await root("POST /api/v1/tasks/executed/run", {});
    const { id } = JSON.parse(ran.text) as { id: string };
    const said = { outcome: "done", account: "root" };
    const executions = await root("GET /api/v1/audit?resource=tasks&verb=execute&name=executed");
    expect(JSON.parse(executions.text)).toMatchObject({
      items: [{ ...said, about: { job: id, version: 1 } }],
    });
    const submitted = await root(`GET /api/v1/audit?resource=jobs&verb=create&name=${id}`);
    expect(JSON.parse(submitted.text)).toMatchObject({ items: [{ ...said, about: { task: "executed@1" } }] });
  });
});

describe("a name that is free again", () => {
  it("shows whoever takes it nothing of what it said before", async () => {
    const asAnn = (request: string, body?: unknown) => api.call(request, { as: "ann", body });
    await root("POST /api/v1/runners", { name: "roots", spec: {} });
    await asAnn("POST /api/v1/runners", { name: "heirs", spec: {} });
    await root("POST /api/v1/tasks", { name: "heir", spec: { runner: "roots", command: "old-a" } });
    await root("PATCH /api/v1/tasks/heir", { spec: { command: "old-b" } });
    await root("DELETE /api/v1/tasks/heir");
    const spec = { runner: "heirs", command: "true" };
    expect((await asAnn("POST /api/v1/tasks", { name: "heir", spec })).body).toMatchObject({ version: 3 });
    const versions = await asAnn("GET /api/v1/tasks/heir/versions");
    expect(versions.body).toMatchObject({ items: [{ version: 3 }], next: null });
    for (const request of [
      "GET /api/v1/tasks/heir?version=2",
      "GET /api/v1/tasks/heir/diff?from=2",
      "POST /api/v1/tasks/heir/run?version=2",
    ]) {
      const answer = await asAnn(request, request.startsWith("POST") ? {} : undefined);
      expect([request, codeOf(answer)]).toEqual([request, "VERSION_NOT_FOUND"]);
    }
    expect(codeOf(await asAnn("POST /api/v1/tasks/heir/rollback", { version: 1 }))).toBe("VERSION_NOT_FOUND");
    expect((await asAnn("GET /api/v1/tasks/heir/diff")).body).toMatchObject({ from: 3, to: 3, changes: [] });
  });
});

describe("a run", () => {
  const run = (as: Caller, name: string, body = "", headers: Record<string, string> = {}) =>
    api.call(`POST /api/v1/tasks/${name}/run`, { as, body, headers });

  it("takes nothing but execute on the task, and shows its own jobs to who ran it alone", async () => {
    const spec = { runner: "seen", command: ["fake", "env"], secrets: [{ name: "vault" }] };
    expect((await root("POST /api/v1/tasks", { name: "open", spec })).status).toBe(201);
    await allow("an", "runs-open", [{ resource: "tasks", names: ["open"], verbs: ["execute"] }]);
    const made = await run("an", "open", '{"a":1}');
    const { id, task, owner } = made.body as Job;
    expect([made.status, task, owner]).toEqual([
      202,
      { name: "open", version: 1, runnerVersion: expect.any(Number) as number },
      "an",
    ]);
    expect(made.headers["location"]).toBe(`/api/v1/jobs/${id}`);
    const statuses = async (as: Caller) => [
      (await api.call(`GET /api/v1/jobs/${id}`, { as })).status,
      (await api.call("GET /api/v1/tasks/open/schema", { as })).status,
      (await api.call("GET /api/v1/tasks/open", { as })).status,
      (await api.call("GET /api/v1/runners/seen", { as })).status,
    ];
    expect(await statuses("an")).toEqual([200, 200, 403, 404]);
    expect(await statuses("bob")).toEqual([404, 404, 404, 404]);
    expect(((await api.call("GET /api/v1/jobs", { as: "an" })).body as JobList).items).toHaveLength(1);
    expect(codeOf(await run("bob", "open"))).toBe("TASK_NOT_FOUND");
    const trail = await root(`GET /api/v1/audit?resource=jobs&name=${id}`);
    expect(trail.text).toContain('"task":"open@1"');
  });

  it("of an older version takes the rights to put that in force again", async () => {
    const spec = { runner: "seen", command: ["fake", "env"], secrets: [{ name: "vault" }] };
    await root("POST /api/v1/tasks", { name: "mended", spec });
    await root("PATCH /api/v1/tasks/mended", { spec: { secrets: null } });
    const runOf = async (as: Caller, version: number) => {
      const answer = await api.call(`POST /api/v1/tasks/mended/run?version=${version}`, { as, body: "{}" });
      return codeOf(answer) ?? (answer.body as Job).task?.version;
    };
    await allow("an", "runs-mended", [{ resource: "tasks", names: ["mended"], verbs: ["execute"] }]);
    expect([await runOf("an", 2), await runOf("an", 1)]).toEqual([2, "FORBIDDEN"]);
    await allow("an", "changes-mended", [{ resource: "tasks", names: ["mended"], verbs: ["update"] }]);
    expect(await runOf("an", 1)).toBe("SECRET_NOT_ALLOWED");
    expect(await runOf("root", 1)).toBe(1);
  });

  it("takes no other role either: who has none but this one sees and stops what it ran", async () => {
    const { store, accounts } = api.context;
    await root("POST /api/v1/roles", {
      name: "only-open",
      rules: [{ resource: "tasks", names: ["open"], verbs: ["execute"] }],
    });
    await root("POST /api/v1/users", { name: "guest", roles: ["only-open"] });
    const text = `berth_s_${"g".repeat(43)}`;
    const expiresAt = Date.now() + 3_600_000;
    const session = sampleSession({ principal: "guest", hash: hashOf(text), createdAt: 0, expiresAt });
    await store.sessions.insert(session, { usedBefore: 0, of: null });
    await accounts.reload(() => store.accounts.list());
    const guest = (request: string, body?: unknown) =>
      api.call(request, { as: null, headers: { authorization: `Bearer ${text}` }, body });
    const { id } = (await guest("POST /api/v1/tasks/open/run", "{}")).body as Job;
    expect((await guest(`GET /api/v1/jobs/${id}`)).status).toBe(200);
    expect(((await guest("GET /api/v1/jobs")).body as JobList).items).toHaveLength(1);
    expect((await guest(`POST /api/v1/jobs/${id}/stop`, {})).status).toBe(202);
    expect((await guest("POST /api/v1/jobs", { command: "true" })).status).toBe(403);
    expect((await guest("GET /api/v1/tasks")).status).toBe(403);
    expect((await guest("POST /api/v1/tasks/any/run", "{}")).status).toBe(404);
  });

  it("of an input that does not fit makes no job, and says all that is wrong", async () => {
    const input = { type: "object", properties: { n: { type: "integer" } }, required: ["m"] };
    const typed = { name: "typed", spec: { runner: "seen", command: "true", input } };
    expect((await root("POST /api/v1/tasks", typed)).text).toContain('"version":1');
    const refused = await run("root", "typed", '{"n":"x"}');
    expect(refused).toMatchObject({ status: 422, body: { code: "INPUT_INVALID" } });
    expect((refused.body as { problems: object[] }).problems).toHaveLength(2);
    expect((await run("root", "typed", "")).text).toContain("m is missing");
    expect((await run("root", "typed", '{"m":1}')).status).toBe(202);
  });

  it("takes any bytes that are text, whatever they are called", async () => {
    const spec = { runner: "seen", command: ["fake", "env"] };
    await root("POST /api/v1/tasks", { name: "any", spec });
    expect((await run("root", "any", "a=1&b=2", { "content-type": "text/x-form" })).status).toBe(202);
    expect((await run("root", "any", '{"a":1,"a":2}')).status).toBe(202);
    expect((await run("root", "any", "a\0b")).status).toBe(422);
    const large = Buffer.alloc(10 * 2 ** 20 + 1, "a");
    const answer = await api.call("POST /api/v1/tasks/any/run", { as: "root", body: large });
    expect(answer.status).toBe(413);
    const zipped = await run("root", "any", "x", { "content-encoding": "gzip" });
    expect(zipped.status).toBe(415);
  });

  it("that is sent again under its key is the first one, also when the task has changed", async () => {
    await root("POST /api/v1/tasks", { name: "once", spec: { runner: "seen", command: "true" } });
    const key = { "idempotency-key": "k1" };
    const first = await run("root", "once", "{}", key);
    await root("PATCH /api/v1/tasks/once", { spec: { command: "false" } });
    const again = await run("root", "once", "{}", key);
    expect([(again.body as Job).id, again.headers["idempotency-replayed"]]).toEqual([
      (first.body as Job).id,
      "true",
    ]);
    expect(codeOf(await run("root", "once", '{"b":1}', key))).toBe("IDEMPOTENCY_CONFLICT");
    const old = await api.call("POST /api/v1/tasks/once/run?version=1", { as: "root", body: "{}" });
    expect((old.body as Job).task).toMatchObject({ name: "once", version: 1 });
    const none = await api.call("POST /api/v1/tasks/once/run?version=9", { as: "root", body: "{}" });
    expect(codeOf(none)).toBe("VERSION_NOT_FOUND");
  });
});
