import type { CreatedToken, TokenList } from "@berth/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newId } from "../src/lib/ids.ts";
import { ApiBench, type Caller } from "./support/api-bench.ts";
import { until } from "./support/until.ts";

let api: ApiBench;
beforeEach(async () => {
  api = await ApiBench.open();
});
afterEach(() => api[Symbol.asyncDispose]());

async function make(body: object): Promise<CreatedToken> {
  const answer = await api.call("POST /api/v1/tokens", { as: "root", body });
  expect(answer.status).toBe(201);
  return answer.body as CreatedToken;
}

async function listed(as: Caller, query = ""): Promise<TokenList["items"]> {
  return ((await api.call(`GET /api/v1/tokens${query}`, { as })).body as TokenList).items;
}

const revoke = (id: string, as: Caller) => api.call(`DELETE /api/v1/tokens/${id}`, { as });
const by = (text: string) => ({ authorization: `Bearer ${text}` });
const whoIs = (text: string) => api.call("GET /api/v1/whoami", { as: null, headers: by(text) });

describe("a token", () => {
  it("is shown once, lets its principal in with its rights, and is known by its hash alone", async () => {
    const made = await make({ user: "eve", ttl: "1h", label: "laptop" });
    expect(made).toMatchObject({ user: "eve", label: "laptop", usedAt: null });
    expect(made.token).toMatch(/^berth_[\w-]{43}$/);
    const who = await whoIs(made.token);
    expect(who.body).toMatchObject({
      name: "eve",
      roles: ["developer"],
      credential: { kind: "token", id: made.id, expiresAt: made.expiresAt },
    });
    const shown = JSON.stringify([await listed("root"), api.logLines]);
    expect(shown).toContain(made.id);
    expect(shown).not.toContain(made.token);
    expect(shown).not.toContain("hash");
  });

  it("holds for 30 days unless something else is said, and never for ever", async () => {
    const { createdAt, expiresAt } = await make({ user: "eve" });
    expect(Date.parse(expiresAt ?? "") - Date.parse(createdAt)).toBe(30 * 86_400_000);
    for (const ttl of ["0s", "never", "-1h", "1e9d", "20000d"]) {
      const answer = await api.call("POST /api/v1/tokens", { as: "root", body: { user: "eve", ttl } });
      expect([ttl, answer.status]).toEqual([ttl, 400]);
    }
  });

  it.each([
    "admin",
    "executor",
    "server",
    "anonymous",
    "Admin",
    "ＡＤＭＩＮ",
    "Executor",
    "",
    "\u202eeve",
    " eve",
    "x".repeat(65),
  ])("is made for no name that nobody can have, or that is the server's own: %j", async (user) => {
    expect(await api.call("POST /api/v1/tokens", { as: "root", body: { user } })).toMatchObject({
      status: 400,
      body: { code: "REQUEST_INVALID", problems: [{ field: "user" }] },
    });
  });

  it("is made for oneself, and for others by administrators alone", async () => {
    const statusOf = async (user: string): Promise<number> =>
      (await api.call("POST /api/v1/tokens", { as: "ann", body: { user } })).status;
    expect([
      await statusOf("ann"),
      await statusOf("an"),
      await statusOf("Ann"),
      await statusOf("bob"),
    ]).toEqual([201, 403, 403, 403]);
  });

  it("that is made by a token for oneself holds no longer than that one", async () => {
    const short = await make({ user: "eve", ttl: "1h" });
    const answer = await api.call("POST /api/v1/tokens", {
      as: null,
      headers: by(short.token),
      body: { user: "eve", ttl: "30d" },
    });
    expect(answer).toMatchObject({ status: 201, body: { expiresAt: short.expiresAt } });
  });

  it("is one of 500 at most that hold for a name", async () => {
    const { tokens } = api.context.store;
    const token = {
      principal: "eve",
      role: "user",
      label: null,
      scope: null,
      createdAt: 1,
      usedAt: null,
    } as const;
    const end = Date.now() + 60_000;
    for (let n = 0; n < 500; n += 1)
      await tokens.insert({ ...token, id: newId(), hash: newId(), expiresAt: n === 0 ? end - 61_000 : end });
    expect((await make({ user: "eve" })).user).toBe("eve");
    const refused = await api.call("POST /api/v1/tokens", { as: "root", body: { user: "eve" } });
    expect(refused).toMatchObject({ status: 409, body: { code: "TOO_MANY_TOKENS" } });
  });

  it("is listed for its principal and for administrators, page by page", async () => {
    for (let n = 0; n < 3; n += 1) await make({ user: "ann", label: `n${n}` });
    const labels = (await listed("ann")).map(({ label }) => label);
    expect(labels).toEqual([null, "n0", "n1", "n2"]);
    expect((await listed("root", "?user=ann")).length).toBe(4);
    expect(await listed("an", "?user=ann")).toEqual([]);
    expect((await listed("ann-b")).map(({ user }) => user)).toEqual(["ann-b"]);
    const page = (await api.call("GET /api/v1/tokens?user=ann&limit=3", { as: "root" })).body as TokenList;
    expect([page.items.length, (await listed("root", `?user=ann&cursor=${page.next}`)).length]).toEqual([
      3, 1,
    ]);
    const tampered = await api.call("GET /api/v1/tokens?cursor=x", { as: "root" });
    expect(tampered).toMatchObject({ status: 400, body: { code: "CURSOR_INVALID" } });
  });

  it("tells when it was used last", async () => {
    const made = await make({ user: "eve" });
    await whoIs(made.token);
    const usedAt = async (): Promise<string | null | undefined> =>
      (await listed("root", "?user=eve"))[0]?.usedAt;
    await until(async () => (await usedAt()) !== null, { what: "a noted use" });
    expect(await usedAt()).toMatch(/^\d{4}-.*Z$/);
  });
});

describe("a revoked token", () => {
  it("lets nobody in from that moment on, and is gone from the list", async () => {
    const made = await make({ user: "ann" });
    expect((await whoIs(made.token)).status).toBe(200);
    expect((await revoke(made.id, "ann")).status).toBe(204);
    expect((await whoIs(made.token)).status).toBe(401);
    expect((await listed("ann")).map(({ id }) => id)).not.toContain(made.id);
    expect((await revoke(made.id, "root")).status).toBe(404);
  });

  it("ABUSE 29: ends the stream and the wait that are open by it, and nobody else's", async () => {
    const url = await api.listen();
    const job = await api.runningJob("ann");
    const made = await make({ user: "ann" });
    const open = (path: string, text: string): Promise<Response> => fetch(url + path, { headers: by(text) });
    const output = `/api/v1/jobs/${job.id}/output?follow=true`;
    const ends = async (answer: Promise<Response>): Promise<string> =>
      answer
        .then((response) => response.text())
        .then(
          (text) => text,
          () => "cut",
        );
    const stream = ends(open(output, made.token));
    const wait = ends(open(`/api/v1/jobs/${job.id}?wait=60s`, made.token));
    const other = ends(open(output, api.tokens.ann));
    await until(() => Promise.resolve(api.context.locks.held === 3), { what: "two streams and a wait" });
    await revoke(made.id, "root");
    const [streamed, waited] = await Promise.all([stream, wait]);
    expect(streamed).not.toContain("succeeded");
    expect(waited).not.toContain("succeeded");
    expect(api.context.locks.held).toBe(1);
    await job.write("to the end\n");
    await job.end();
    expect(await other).toBe("to the end\n");
  });

  it("ends the tokens that were made by it, and by those, with what is open by them, and no others", async () => {
    const url = await api.listen();
    const job = await api.runningJob("ann");
    const makeBy = async (text: string): Promise<CreatedToken> =>
      (await api.call("POST /api/v1/tokens", { as: null, headers: by(text), body: { user: "ann" } }))
        .body as CreatedToken;
    const mother = await make({ user: "ann" });
    const child = await makeBy(mother.token);
    const grandchild = await makeBy(child.token);
    const other = await makeBy(api.tokens.ann);
    expect(await listed("ann")).toMatchObject([
      { madeBy: null },
      { madeBy: expect.stringMatching(/^token /) as string },
      { id: child.id, madeBy: `token ${mother.id}` },
      { id: grandchild.id, madeBy: `token ${child.id}` },
      { id: other.id },
    ]);
    const path = `/api/v1/jobs/${job.id}/output?follow=true`;
    const stream = fetch(url + path, { headers: by(grandchild.token) })
      .then((response) => response.text())
      .then(
        () => "ended",
        () => "cut",
      );
    await until(() => Promise.resolve(api.context.locks.held === 1), { what: "the stream" });
    expect((await revoke(mother.id, "root")).status).toBe(204);
    expect(await stream).toBe("cut");
    for (const { token } of [mother, child, grandchild]) expect((await whoIs(token)).status).toBe(401);
    expect((await whoIs(other.token)).status).toBe(200);
    const trail = await api.call("GET /api/v1/audit?resource=tokens&verb=delete", { as: "root" });
    expect(trail.body).toMatchObject({
      items: [{ name: mother.id, about: { owner: "ann", tokens: [child.id, grandchild.id] } }],
    });
    await job.end();
  });

  it.each(["an", "ann-b", "bob"] as const)("ABUSE 27: is not there for %s, whose it is not", async (as) => {
    const made = await make({ user: "ann" });
    expect(await revoke(made.id, as)).toMatchObject({ status: 404, body: { code: "TOKEN_NOT_FOUND" } });
    expect((await whoIs(made.token)).status).toBe(200);
  });

  it("is one that is there: other ids are not found", async () => {
    for (const id of ["x", "..%2f", newId()]) expect((await revoke(id, "root")).status).toBe(404);
  });

  it("is seen, and not revoked, by an auditor", async () => {
    const made = await make({ user: "bob" });
    await api.call("POST /api/v1/bindings", { as: "root", body: { role: "auditor", user: "ann" } });
    expect((await listed("ann", "?user=bob")).map(({ id }) => id)).toContain(made.id);
    expect((await revoke(made.id, "ann")).status).toBe(403);
  });
});
