import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiBench } from "../support/api-bench.ts";
import { created, error, kriten, mask, play, time, uuid } from "../support/kriten-rows.ts";

let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open();
  await api.call("POST /api/v1/runners", { as: "root", body: { name: "plain", spec: {} } });
  const spec = { runner: "plain", command: "true", input: { type: "object", title: "any" } };
  await api.call("POST /api/v1/tasks", { as: "root", body: { name: "free", spec } });
});
afterAll(() => api[Symbol.asyncDispose]());

const secret = "a secret of thirty letters and more";
const hook = { owner: uuid, description: "on push", task: "free", created_at: time, updated_at: time };

async function made(): Promise<string> {
  const { body } = await api.call(`POST ${kriten}/webhooks`, {
    as: "root",
    body: { task: "free", secret, description: "on push" },
  });
  expect(body).toEqual({ id: uuid, secret, ...hook });
  return (body as { id: string }).id;
}

function call(id: string, body: string, headers: Record<string, string>) {
  return api.call(`POST ${kriten}/webhooks/run/${id}`, { as: null, body, headers });
}

function sha512(body: string, key: string | Buffer = secret): Record<string, string> {
  return { "x-hook-signature": createHmac("sha512", key).update(body).digest("hex") };
}

function standard(body: string, { key = Buffer.from(secret), id = "m1", at = Date.now() } = {}) {
  const seconds = String(Math.floor(at / 1000));
  const signed = createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": `v1,${signed}` };
}

describe("a webhook", () => {
  play(() => api, {
    "GET /webhooks (none)": { answer: [], count: 0 },
    "GET /webhooks/0199a2b4-7c1e-7d53-9f0a-3b6c8d21e4f7": { status: 500, answer: error("webhook not found") },
    "POST /webhooks (of no task)": {
      sent: { task: "nowhere", secret },
      status: 400,
      answer: error("task doesn't exist"),
    },
    "POST /webhooks (too short a secret)": {
      sent: { task: "free", secret: "short" },
      status: 400,
      answer: error(expect.stringContaining("must") as string),
    },
  });

  it("takes either signature of Kriten's, as its owner, and nothing else", async () => {
    const id = await made();
    for (const headers of [sha512('{"a":1}'), standard('{"a":1}')])
      expect((await call(id, '{"a":1}', headers)).body).toEqual(created("free"));
    const refused = { status: 401, body: error("webhook authentication failed.") };
    const wrong: Record<string, string>[] = [
      {},
      sha512('{"a":2}'),
      sha512('{"a":1}', "another secret of as many letters"),
      standard('{"a":2}'),
      standard('{"a":1}', { key: Buffer.from("another secret of as many letters") }),
      standard('{"a":1}', { id: "m2", at: Date.now() - 6 * 60_000 }),
      { authorization: `Bearer ${api.tokens.root}` },
    ];
    for (const headers of wrong) expect(await call(id, '{"a":1}', headers)).toMatchObject(refused);
    const nobodys = "0199a2b4-7c1e-7d53-9f0a-3b6c8d21e4f7";
    expect(await call(nobodys, "{}", sha512("{}"))).toMatchObject(refused);
    // The same message again is refused, and makes no job.
    const again = await call(id, '{"a":1}', standard('{"a":1}'));
    expect(again.status).toBe(409);
    const { body } = await api.call(`GET ${kriten}/jobs`, { as: "root" });
    expect((body as { owner: string }[]).map(({ owner }) => owner)).toEqual(["root", "root"]);
  });

  it("with a secret as libraries of Standard Webhooks write it takes what they sign", async () => {
    const key = Buffer.alloc(32, 7);
    const { body } = await api.call(`POST ${kriten}/webhooks`, {
      as: "root",
      body: { task: "free", secret: `whsec_${key.toString("base64")}` },
    });
    const { id } = body as { id: string };
    expect((await call(id, "{}", standard("{}", { key, id: "m9" }))).body).toEqual(created("free"));
  });

  it("never shows its secret again, and leaves nothing behind", async () => {
    const { body } = await api.call(`GET ${kriten}/webhooks`, { as: "root" });
    const rows = body as { id: string }[];
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row).toMatchObject({ secret: mask, owner: uuid, task: "free" });
    expect((await api.call(`GET ${kriten}/webhooks/${rows[0]?.id}`, { as: "root" })).body).toEqual(rows[0]);
    expect((await api.call(`GET ${kriten}/webhooks/all`, { as: "root" })).body).toEqual(rows);
    const refused = await api.call(`DELETE ${kriten}/tasks/free`, { as: "root" });
    expect(refused).toMatchObject({
      status: 502,
      body: error("cannot delete task free, please remove associated webhooks first"),
    });
    for (const { id } of rows)
      expect((await api.call(`DELETE ${kriten}/webhooks/${id}`, { as: "root" })).body).toEqual({
        msg: "webhook deleted successfully",
      });
    expect((await api.call("GET /api/v1/secrets", { as: "root" })).body).toEqual({ items: [] });
    expect((await api.call("GET /api/v1/webhooks", { as: "root" })).body).toMatchObject({ items: [] });
  });
});
