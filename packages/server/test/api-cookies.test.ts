import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newSessionText } from "../src/auth/login/shown-sessions.ts";
import { hashOf } from "../src/auth/tokens.ts";
import { newId } from "../src/lib/ids.ts";
import { ApiBench } from "./support/api-bench.ts";
import { peopleOf } from "./support/people.ts";
import { everyRecord } from "./support/sample-audit.ts";
import { until } from "./support/until.ts";

let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open();
  await account("eve");
});
afterAll(() => api[Symbol.asyncDispose]());

const { account, codeOf, secret, session } = peopleOf(() => api);

/** A login of eve's that a browser keeps. */
async function cookieOf(name = "eve"): Promise<{ text: string; id: string }> {
  const eve = api.context.accounts.find(name);
  if (eve === null) throw new Error(`Cannot log in: there is no ${name}`);
  const client = { provider: "local", address: null, agent: null };
  const { text, session: begun } = await api.context.signIn.begin(eve, { ...client, carrier: "cookie" });
  return { text, id: begun.id };
}

const own = { "sec-fetch-site": "same-origin", origin: "http://localhost:80" };
const foreign = { "sec-fetch-site": "cross-site", origin: "https://evil.example" };

/** As a browser that is on this host. */
function ask(request: string, cookie: string, headers: Record<string, string> = own) {
  return api.call(request, { as: null, headers: { cookie, ...headers } });
}
const by = (text: string) => `a=1; berth-session=${text}; b="2"`;

describe("a login in a cookie", () => {
  it("lets its user in, is listed and ends with the others", async () => {
    const { text, id } = await cookieOf();
    const who = await ask("GET /api/v1/whoami", by(text));
    expect([who.status, who.body]).toMatchObject([200, { name: "eve", credential: { kind: "session", id } }]);
    expect((await ask("GET /api/v1/sessions", by(text))).text).toContain(id);
    expect((await api.call(`DELETE /api/v1/sessions/${id}`, { as: "root" })).status).toBe(204);
    expect(codeOf(await ask("GET /api/v1/whoami", by(text)))).toBe("UNAUTHENTICATED");
  });

  it("is no bearer token, and a bearer token is none", async () => {
    const { text } = await cookieOf();
    const { token } = await session("eve");
    const bearer = { authorization: `Bearer ${text}` };
    expect(codeOf(await api.call("GET /api/v1/whoami", { as: null, headers: bearer }))).toBe(
      "UNAUTHENTICATED",
    );
    expect(codeOf(await ask("GET /api/v1/whoami", by(token)))).toBe("UNAUTHENTICATED");
    expect(codeOf(await ask("GET /api/v1/whoami", by(api.tokens.root)))).toBe("UNAUTHENTICATED");
  });

  it("counts for nothing beside a header, also beside one that proves nobody", async () => {
    const { text } = await cookieOf();
    const both = (authorization: string) => ask("GET /api/v1/whoami", by(text), { authorization });
    expect((await both(`Bearer ${api.tokens.ann}`)).body).toMatchObject({ name: "ann" });
    for (const header of ["Bearer berth_nobody", "Basic eve", "", "Bearer"]) {
      expect(codeOf(await both(header))).toBe("UNAUTHENTICATED");
    }
  });

  it("has another text as soon as its user was given something, and both tabs of it go on", async () => {
    await account("fay");
    const { text } = await cookieOf("fay");
    expect((await ask("GET /api/v1/whoami", by(text))).headers["set-cookie"]).toBeUndefined();
    const body = { role: "viewer", user: "fay" };
    expect((await api.call("POST /api/v1/bindings", { as: "root", body })).status).toBe(201);
    const [one, two] = await Promise.all([1, 2].map(() => ask("GET /api/v1/whoami", by(text))));
    expect([one?.status, two?.status]).toEqual([200, 200]);
    const given = [one, two]
      .map((tab) => String(tab?.headers["set-cookie"]))
      .filter((line) => line !== "undefined");
    expect(given).toHaveLength(1);
    const said = given[0] ?? "";
    expect(said).toMatch(/^berth-session=berth_c_[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
    const next = /berth_c_[\w-]+/.exec(said)?.[0] ?? "";
    const answer = await ask("GET /api/v1/whoami", by(next));
    expect([answer.status, answer.headers["set-cookie"]]).toEqual([200, undefined]);
  });

  it("ends, which is recorded, when a text is shown that was replaced a while ago", async () => {
    await account("ira");
    const { text, id } = await cookieOf("ira");
    const { store, sessions } = api.context;
    const next = newSessionText("cookie");
    const turned = { was: hashOf(text), before: hashOf(text), hash: hashOf(next), at: 1, rights: "r" };
    expect(await store.sessions.turn(id, turned)).toBe(true);
    await store.sessions.settle(id, { hash: hashOf(next), until: Date.now() - 1 });
    sessions.forget(id);
    expect(codeOf(await ask("GET /api/v1/whoami", by(text)))).toBe("UNAUTHENTICATED");
    expect(codeOf(await ask("GET /api/v1/whoami", by(next)))).toBe("UNAUTHENTICATED");
    const { items } = await store.audit.list({ ...everyRecord, limit: 100 });
    const ends = items.map((item) => item.text).filter((entry) => entry.includes(id));
    expect(ends.join()).toContain("somebody has a copy");
  });

  it("ends with its password, and the answer that says so has another one begin", async () => {
    await account("hal");
    const { text, id } = await cookieOf("hal");
    const headers = { cookie: by(text), ...own };
    const body = { current: secret, password: "other words nobody guesses" };
    const answer = await api.call("POST /api/v1/password", { as: null, headers, body });
    expect(answer.status).toBe(204);
    expect(codeOf(await ask("GET /api/v1/whoami", by(text)))).toBe("UNAUTHENTICATED");
    const next = /^berth-session=(berth_c_[\w-]+)/.exec(String(answer.headers["set-cookie"]))?.[1] ?? "";
    const who = await ask("GET /api/v1/whoami", by(next));
    expect([who.status, who.body]).toMatchObject([200, { name: "hal" }]);
    expect(who.text).not.toContain(id);
  });

  it.each([
    ["twice", (text: string) => `berth-session=${text}; berth-session=${text}`],
    ["beside another", (text: string) => `berth-session=x; ${by(text)}`],
    ["under a name of TLS", (text: string) => `__Host-berth=${text}`],
    ["under a longer name", (text: string) => `berth-sessions=${text}; xberth-session=${text}`],
    ["under a name behind a space that is none", (text: string) => `\u00a0berth-session=${text}`],
    ["with a space behind it that is none", (text: string) => `berth-session=${text}\u00a0`],
    ["in other capitals", (text: string) => `Berth-Session=${text}`],
    ["in quotes", (text: string) => `berth-session="${text}"`],
    ["with more behind it", (text: string) => `berth-session=${text}x`],
    ["after ten thousand letters", (text: string) => `berth-session=${"x".repeat(10_000)}${text}`],
  ])("proves nobody where it is sent %s", async (_what, cookie) => {
    const { text } = await cookieOf();
    expect(codeOf(await ask("GET /api/v1/whoami", cookie(text)))).toBe("UNAUTHENTICATED");
  });

  it("is the one beside others whose names only look like it", async () => {
    const { text } = await cookieOf();
    for (const space of ["\u00a0", "\u000b", "\u000c"]) {
      const cookie = `${space}berth-session=tossed; ${by(text)}; berth-session${space}=tossed`;
      expect([space, (await ask("GET /api/v1/whoami", cookie)).status]).toEqual([space, 200]);
    }
  });

  it("stays its own beside what another host has put there, as it comes over a socket", async () => {
    await account("ivy");
    const [{ text }, tossed] = [await cookieOf("ivy"), await cookieOf()];
    const url = await api.listen();
    const who = async (cookie: string) =>
      await fetch(`${url}/api/v1/whoami`, { headers: { cookie, ...own } });
    const answer = await who(`\xa0berth-session=${tossed.text}; \t berth-session=${text} \t`);
    expect([answer.status, await answer.json()]).toMatchObject([200, { name: "ivy" }]);
    expect((await who(`\xa0berth-session=${tossed.text}`)).status).toBe(401);
  });

  it("is found among a thousand that are not ours", async () => {
    const { text } = await cookieOf();
    const others = Array.from({ length: 1000 }, (_, n) => `c${n}=1`).join(";");
    expect((await ask("GET /api/v1/whoami", `${others};${by(text)}`)).status).toBe(200);
  });

  it("proves nobody where it came in the clear from elsewhere, or to a name of elsewhere", async () => {
    const { text } = await cookieOf();
    const headers = { cookie: by(text), ...own };
    const from = (remoteAddress: string, host: string) =>
      api.app.inject({ url: "/api/v1/whoami", remoteAddress, headers: { ...headers, host } });
    const seen = [
      await from("192.0.2.1", "localhost"),
      await from("127.0.0.1", "192.0.2.7:80"),
      await from("127.0.0.1", "localhost.evil.example"),
      await from("127.0.0.1", "127.0.0.1:80"),
      await from("::1", "[::1]:80"),
    ];
    expect(seen.map(({ statusCode }) => statusCode)).toEqual([401, 401, 421, 200, 200]);
  });

  it.each([
    ["locked", "POST /api/v1/users/gil/lock"],
    ["deleted", "DELETE /api/v1/users/gil"],
    ["given another password", "POST /api/v1/users/gil/password"],
  ])("ends what is open by it when its user is %s", async (_what, request) => {
    if (api.context.accounts.find("gil") === null) await account("gil");
    await using bench = await ApiBench.open();
    const { id } = await bench.runningJob("gil");
    const people = peopleOf(() => bench);
    await people.account("gil");
    const gil = bench.context.accounts.find("gil");
    if (gil === null) throw new Error("there is no gil");
    const client = { provider: "local", address: null, agent: null };
    const { text } = await bench.context.signIn.begin(gil, { ...client, carrier: "cookie" });
    const url = await bench.listen();
    const stream = await fetch(`${url}/api/v1/jobs/${id}/output?follow=true`, {
      headers: { cookie: by(text), "sec-fetch-site": "same-origin" },
    });
    expect(stream.status).toBe(200);
    let ended = false;
    void stream.arrayBuffer().then(
      () => (ended = true),
      () => (ended = true),
    );
    const asked = performance.now();
    expect((await bench.call(request, { as: "root", body: {} })).status).toBeLessThan(300);
    await until(() => ended, { what: "the end of the stream" });
    console.log(`cut after ${Math.round(performance.now() - asked)} ms`);
  });
});

describe("a page of somebody else", () => {
  it("changes nothing by a browser's login, whatever the route", async () => {
    const { text } = await cookieOf();
    // Another door's clients keep a cookie of their own: see test/kriten.
    const writes = api.app.routeTable.filter(
      ({ method, permission, isRefusal, url }) =>
        permission !== null && !isRefusal && !["GET", "HEAD"].includes(method) && !url.startsWith("/kriten/"),
    );
    expect(writes.length).toBeGreaterThan(30);
    const headers: Record<string, string>[] = [
      foreign,
      {},
      { origin: "null" },
      { "sec-fetch-site": "none" },
      { "sec-fetch-site": "same-site", origin: "http://localhost:3000" },
      { "sec-fetch-site": "same-origin", origin: "http://localhost:3000" },
    ];
    for (const { method, url } of writes) {
      const request = `${method} ${url.replaceAll(/:\w+/g, newId()).replace("*", "x")}`;
      for (const shown of headers)
        expect([request, shown, codeOf(await ask(request, by(text), shown))]).toEqual([
          request,
          shown,
          "CROSS_SITE",
        ]);
      // Ours is not refused for that, and a program with a token never is.
      expect([request, codeOf(await ask(request, by("berth_c_nobody")))]).toEqual([
        request,
        "UNAUTHENTICATED",
      ]);
      const token = { authorization: `Bearer ${api.tokens.ann}`, ...foreign };
      expect(codeOf(await ask(request, by(text), token))).not.toBe("CROSS_SITE");
    }
  });

  it("knows of no route beside those that changes anything", () => {
    const open = api.app.routeTable.filter(
      ({ method, permission, isRefusal }) =>
        permission === null && !isRefusal && !["GET", "HEAD"].includes(method),
    );
    // Each of the API takes JSON alone and proves who asks by what is in it: no cookie counts there. Each of the pages
    // takes forms of ours alone (test/login/pages.test.ts).
    expect(open.map(({ method, url }) => `${method} ${url}`).toSorted()).toEqual([
      "POST /api/v1/login",
      "POST /api/v1/login/device",
      "POST /api/v1/login/device/collect",
      // It is proved by the secret that signs it.
      "POST /api/v1/webhooks/:name/run",
      "POST /kriten/api/v1/login",
      "POST /kriten/api/v1/webhooks/run/:webhook",
      "POST /login",
      "POST /login/password",
      "POST /logout",
    ]);
  });

  it("reads nothing by a browser's login but what a person opens", async () => {
    const { text } = await cookieOf();
    const read = async (headers: Record<string, string>) =>
      (await ask("GET /api/v1/whoami", by(text), headers)).status;
    expect(await read({ "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" })).toBe(403);
    expect(await read({ "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" })).toBe(403);
    expect(await read({ "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" })).toBe(200);
    expect(await read({ "sec-fetch-site": "none" })).toBe(200);
    expect(await read({})).toBe(200);
  });

  it.each<[string, Record<string, string>, number]>([
    ["an Origin of ours and nothing else", { origin: "http://localhost" }, 204],
    [
      "an Origin of ours that a person asks from",
      { origin: "http://localhost:80", "sec-fetch-site": "none" },
      204,
    ],
    ["an Origin of ours over TLS", { origin: "https://localhost" }, 403],
    ["an Origin that begins as ours", { origin: "http://localhost.evil.example" }, 403],
    ["an Origin with our name as a user's", { origin: "http://localhost@evil.example" }, 403],
    ["two sites", { "sec-fetch-site": "same-origin, cross-site" }, 403],
    ["a site in capitals", { "sec-fetch-site": "SAME-ORIGIN", origin: "http://localhost" }, 403],
  ])("is told from ours by %s", async (_what, headers, status) => {
    const { text } = await cookieOf();
    const answer = await ask("POST /api/v1/logout", by(text), headers);
    expect(answer.status).toBe(status);
  });
});
