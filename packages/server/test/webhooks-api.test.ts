import { createHmac, randomBytes } from "node:crypto";
import type { AuditRecord, Job, Webhook as WebhookOf } from "@berth/protocol";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiBench, type Caller } from "./support/api-bench.ts";
import { until } from "./support/until.ts";

const secret = `whsec_${randomBytes(32).toString("base64")}`;
const shared = "the secret of two who know";

let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open();
  const input = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
  await call("POST /api/v1/runners", { name: "plain", spec: {} });
  await call("POST /api/v1/tasks", { name: "deploy", spec: { runner: "plain", command: "true", input } });
  await call("POST /api/v1/secrets", { name: "hook", values: { key: secret } });
  await call("POST /api/v1/secrets", { name: "shared", values: { key: shared } });
  await call("POST /api/v1/webhooks", { name: "pushed", spec: { task: "deploy", secret: "hook" } });
  await call("POST /api/v1/webhooks", {
    name: "plain-hmac",
    spec: { task: "deploy", secret: "shared", signature: "sha512" },
  });
});
afterAll(() => api[Symbol.asyncDispose]());

const call = (request: string, body?: unknown, as: Caller = "root") => api.call(request, { as, body });
const codeOf = ({ body }: { body: unknown }) => (body as { code?: string } | null)?.code;

let ids = 0;
/** As a sender's library signs it. */
function signed(
  body: string,
  { id = `msg_${++ids}`, at = new Date(), by = secret } = {},
): Record<string, string> {
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": new Webhook(by).sign(id, at, body),
  };
}
const send = (body: string, headers: Record<string, string>, name = "pushed") =>
  api.call(`POST /api/v1/webhooks/${name}/run`, { as: null, body, headers });
const jobOf = async ({ body }: { body: unknown }): Promise<Job> =>
  (await call(`GET /api/v1/jobs/${(body as { job: string }).job}`)).body as Job;
const recordsOf = async (query: string): Promise<AuditRecord[]> =>
  ((await call(`GET /api/v1/audit?${query}`)).body as { items: AuditRecord[] }).items;

describe("a webhook", () => {
  it("runs its task with the body, as its owner, for whoever signs the call, and tells no more than the job's id", async () => {
    const body = '{"n":1}';
    const answer = await send(body, signed(body));
    expect([answer.status, Object.keys(answer.body as object)]).toEqual([202, ["job"]]);
    const job = await jobOf(answer);
    expect(job).toMatchObject({ owner: "root", task: { name: "deploy" } });
    expect(job.spec).toMatchObject({ env: { EXTRA_VARS: body } });
    const [record] = await recordsOf(`name=${job.id}`);
    expect(record).toMatchObject({ account: "root", door: "webhook", about: { origin: "webhook pushed" } });
  });

  it("runs a call once: again it is refused with the job that it made, also with another body", async () => {
    const [body, headers] = ['{"n":2}', signed('{"n":2}', { id: "twice" })];
    const first = await send(body, headers);
    const again = await send(body, headers);
    expect([again.status, codeOf(again)]).toEqual([409, "MESSAGE_REPLAYED"]);
    expect(again.text).toContain((first.body as { job: string }).job);
    const other = await send('{"n":3}', signed('{"n":3}', { id: "twice" }));
    expect(codeOf(other)).toBe("MESSAGE_REPLAYED");
  });

  it("takes no call again whose job was deleted meanwhile, nor one that came for a webhook of that name before", async () => {
    await call("POST /api/v1/webhooks", { name: "again", spec: { task: "deploy", secret: "hook" } });
    const [body, headers] = ['{"n":9}', signed('{"n":9}')];
    const { id } = await jobOf(await send(body, headers, "again"));
    await api.context.store.jobs.transition(id, "canceled", { at: Date.now() });
    expect((await call(`DELETE /api/v1/jobs/${id}`)).status).toBe(204);
    const afterJob = await send(body, headers, "again");
    expect([afterJob.status, codeOf(afterJob)]).toEqual([409, "MESSAGE_REPLAYED"]);
    expect(afterJob.text).toContain("is gone");
    await call("DELETE /api/v1/webhooks/again");
    await call("POST /api/v1/webhooks", { name: "again", spec: { task: "deploy", secret: "hook" } });
    expect(codeOf(await send(body, headers, "again"))).toBe("MESSAGE_REPLAYED");
    expect((await send(body, signed(body), "again")).status).toBe(202);
    // Another webhook has not heard it.
    expect((await send(body, headers)).status).toBe(202);
  });

  it("says the same of a signature that is wrong, too old, or of another, and of a webhook that is not there", async () => {
    const body = '{"n":4}';
    const stale = new Date(Date.now() - 301_000);
    const refused = [
      await send(body, signed(body, { by: `whsec_${randomBytes(32).toString("base64")}` })),
      await send(body, signed(body, { at: stale })),
      await send('{"n":5}', signed(body)),
      await send(body, {}),
      await send(body, { "x-hook-signature": createHmac("sha512", secret).update(body).digest("hex") }),
      await send(body, signed(body), "not-there"),
    ];
    expect(refused.map((one) => [one.status, codeOf(one)])).toEqual(
      Array(6).fill([401, "SIGNATURE_INVALID"]),
    );
    const words = refused.map(({ body: told }) => {
      const { message, fix } = told as { message: string; fix: string };
      return `${message.replace("not-there", "pushed")} ${fix}`;
    });
    expect(new Set(words).size).toBe(1);
    const denied = () => recordsOf("resource=webhooks&outcome=denied");
    const [record] = await until(async () => ((await denied()).length > 0 ? await denied() : null), {
      what: "the refusal recorded",
    });
    expect(record).toMatchObject({ verb: "execute", door: "rest" });
  });

  it("takes each value of its secret while one takes over from another, and none that was taken out", async () => {
    const next = `whsec_${randomBytes(32).toString("base64")}`;
    await call("PATCH /api/v1/secrets/hook", { values: { next } });
    const body = '{"n":6}';
    const statuses = async () => [
      (await send(body, signed(body))).status,
      (await send(body, signed(body, { by: next }))).status,
    ];
    expect(await statuses()).toEqual([202, 202]);
    await call("PATCH /api/v1/secrets/hook", { values: { next: "" } });
    expect(await statuses()).toEqual([202, 401]);
  });

  it("takes the HMAC-SHA512 of the body where it is made for that, each time that it comes", async () => {
    const body = '{"n":7}';
    const headers = { "x-hook-signature": createHmac("sha512", shared).update(body).digest("hex") };
    const answers = [await send(body, headers, "plain-hmac"), await send(body, headers, "plain-hmac")];
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    expect(codeOf(await send(`${body} `, headers, "plain-hmac"))).toBe("SIGNATURE_INVALID");
  });

  it("takes nothing beyond a mebibyte, and tells who signed it what the task would not take", async () => {
    const large = JSON.stringify({ n: 1, more: "x".repeat(2 ** 20) });
    expect((await send(large, signed(large))).status).toBe(413);
    const body = '{"n":"one"}';
    expect(codeOf(await send(body, signed(body)))).toBe("INPUT_INVALID");
  });

  it("asks its owner's right with each call", async () => {
    const rules = [
      { resource: "webhooks", names: ["*"], verbs: ["create", "read"] },
      { resource: "tasks", names: ["deploy"], verbs: ["execute"] },
      { resource: "secrets", names: ["hook"], verbs: ["execute"] },
    ];
    await call("POST /api/v1/roles", { name: "caller", rules });
    const { body: bound } = await call("POST /api/v1/bindings", { role: "caller", user: "bob" });
    const made = await call(
      "POST /api/v1/webhooks",
      { name: "of-bob", spec: { task: "deploy", secret: "hook" } },
      "bob",
    );
    expect((made.body as WebhookOf).owner).toBe("bob");
    const body = '{"n":8}';
    expect((await jobOf(await send(body, signed(body), "of-bob"))).owner).toBe("bob");
    await call(`DELETE /api/v1/bindings/${(bound as { id: string }).id}`);
    expect((await send(body, signed(body), "of-bob")).status).toBeGreaterThanOrEqual(403);
  });
});

describe("whoever makes a webhook", () => {
  it("must be allowed to run the task and to use the secret", async () => {
    await call("POST /api/v1/roles", {
      name: "hooks-only",
      rules: [{ resource: "webhooks", names: ["*"], verbs: ["create", "update", "read"] }],
    });
    await call("POST /api/v1/bindings", { role: "hooks-only", user: "ann" });
    const make = () =>
      call("POST /api/v1/webhooks", { name: "of-ann", spec: { task: "deploy", secret: "hook" } }, "ann");
    expect(codeOf(await make())).toBe("TASK_NOT_FOUND");
    await call("POST /api/v1/roles", {
      name: "deployer",
      rules: [{ resource: "tasks", names: ["deploy"], verbs: ["execute"] }],
    });
    await call("POST /api/v1/bindings", { role: "deployer", user: "ann" });
    expect(codeOf(await make())).toBe("SECRET_NOT_ALLOWED");
  });

  it("cannot have another's run something else, nor be called by whom he likes", async () => {
    await call("POST /api/v1/roles", {
      name: "keeper-of-own-secret",
      rules: [{ resource: "secrets", names: ["shared"], verbs: ["execute"] }],
    });
    await call("POST /api/v1/bindings", { role: "keeper-of-own-secret", user: "ann" });
    const change = (spec: object) => call("PATCH /api/v1/webhooks/plain-hmac", { spec }, "ann");
    expect((await change({ description: "of ann's words" })).status).toBe(200);
    expect(codeOf(await change({ signature: null }))).toMatch(/FORBIDDEN|REQUEST_INVALID/);
    expect((await call("GET /api/v1/webhooks/plain-hmac")).body).toMatchObject({
      spec: { signature: "sha512" },
    });
  });

  it("is told of a secret that is not there, or could be found by trying", async () => {
    await call("POST /api/v1/secrets", { name: "weak", values: { key: "short" }, short: true });
    const make = (name: string, signature: string) =>
      call("POST /api/v1/webhooks", { name: "new", spec: { task: "deploy", secret: name, signature } });
    for (const [name, signature] of [
      ["nothing", "standard"],
      ["weak", "sha512"],
      ["shared", "standard"],
    ] as const) {
      const answer = await make(name, signature);
      expect([name, answer.status, answer.text.includes("spec.secret")]).toEqual([name, 400, true]);
    }
  });

  it("finds the task kept from being deleted", async () => {
    const answer = await call("DELETE /api/v1/tasks/deploy");
    expect([answer.status, codeOf(answer)]).toEqual([409, "TASK_IN_USE"]);
    expect(answer.text).toContain("pushed");
  });
});
