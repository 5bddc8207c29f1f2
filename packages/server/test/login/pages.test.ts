import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiBench } from "../support/api-bench.ts";
import { PageVisitor } from "../support/page-visitor.ts";
import { peopleOf } from "../support/people.ts";

let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open();
  await account("eve");
});
afterAll(() => api[Symbol.asyncDispose]());

const { account, secret, make } = peopleOf(() => api);
const visitor = (more: { address?: string; host?: string } = {}) => new PageVisitor(api.app, more);

/** Somebody new who has logged in. */
async function loggedIn(name = "eve") {
  const someone = visitor();
  await someone.open("/login");
  const answer = await someone.send("/login", { name, password: secret });
  expect([answer.status, answer.location]).toEqual([303, "/"]);
  return someone;
}

describe("the page of the login", () => {
  it("lets in who fills in its form, and nothing else is needed for it", async () => {
    const eve = visitor();
    const page = await eve.open("/login?next=/api/v1/jobs%3Flimit=1");
    expect(page.status).toBe(200);
    expect(page.text).not.toMatch(/<script|javascript:| on\w+=|style=/);
    const answer = await eve.send("/login", { name: "EVE", password: secret });
    expect([answer.status, answer.location]).toEqual([303, "/api/v1/jobs?limit=1"]);
    const who = await eve.open("/api/v1/whoami");
    expect(JSON.parse(who.text)).toMatchObject({ name: "eve", credential: { kind: "session" } });
    expect((await eve.open("/login")).text).toContain("You are logged in as <strong>eve</strong>");
  });

  it("keeps, runs, frames and sends nothing beyond itself", async () => {
    const { headers } = await visitor().open("/login");
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "content-security-policy":
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      "x-frame-options": "DENY",
      "x-content-type-options": "nosniff",
      "referrer-policy": "same-origin",
      "content-type": "text/html; charset=utf-8",
    });
    expect(headers["set-cookie"]).toMatch(/^berth-form=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
    const sheet = await visitor().open("/login/style.css");
    expect([sheet.status, sheet.headers["content-type"]]).toEqual([200, "text/css; charset=utf-8"]);
  });

  it("says in words what was wrong, for eyes and for readers with a voice, and keeps the name", async () => {
    const eve = visitor();
    await eve.open("/login?next=/a");
    const { status, text, cookies } = await eve.send("/login", {
      name: "<b>eve",
      password: "wrong-pass-word",
    });
    expect([status, cookies]).toEqual([401, []]);
    expect(text).toMatch(/<title>Error: Log in &middot; Berth<\/title>/);
    expect(text).toMatch(
      /id="error" role="alert" tabindex="-1" autofocus><p>Cannot authenticate: name and password/,
    );
    expect(text).toContain('value="&#60;b&#62;eve"');
    expect(text).toContain('aria-invalid="true" aria-describedby="error"');
    expect(text).toContain('name="next" value="/a"');
    expect(text).not.toContain("wrong-pass-word");
    expect(text.match(/ autofocus/g)).toHaveLength(1);
    for (const [id, autocomplete] of [
      ["name", "username"],
      ["password", "current-password"],
    ]) {
      expect(text).toContain(`<label for="${id}">`);
      expect(text).toMatch(new RegExp(`<input id="${id}"[^>]* autocomplete="${autocomplete}"`));
    }
  });

  it.each(["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example"])(
    "goes home, and not to %j",
    async (next) => {
      const eve = visitor();
      const page = await eve.open(`/login?next=${encodeURIComponent(next)}`);
      expect(page.text).toContain('name="next" value="/"');
      expect((await eve.send("/login", { name: "eve", password: secret, next })).location).toBe("/");
    },
  );

  it("ends the login that the browser had before: nobody goes on with one that somebody else has put there", async () => {
    const eve = await loggedIn();
    const before = eve.kept("berth-session");
    await eve.send("/login", { name: "eve", password: secret });
    const after = eve.kept("berth-session");
    expect(after).not.toBe(before);
    eve.keep("berth-session", before);
    expect((await eve.open("/api/v1/whoami")).status).toBe(401);
  });

  it("takes no form of a page of somebody else's, nor one without what the browser keeps for it", async () => {
    const fields = { name: "eve", password: secret };
    for (const path of ["/login", "/logout", "/login/password"]) {
      const eve = path === "/login" ? visitor() : await loggedIn();
      await eve.open(path === "/logout" ? "/login" : path);
      const foreign = { "sec-fetch-site": "cross-site", origin: "https://evil.example" };
      expect(await eve.send(path, fields, foreign)).toMatchObject({ status: 403, cookies: [] });
      expect(await eve.send(path, fields, {})).toMatchObject({ status: 403, cookies: [] });
      expect(await eve.send(path, { ...fields, form: "x".repeat(43) })).toMatchObject({
        status: 403,
        cookies: [],
      });
      expect(await visitor().send(path, { ...fields, form: "x".repeat(43) })).toMatchObject({ status: 403 });
      expect(await visitor().send(path, { ...fields, form: "" })).toMatchObject({ status: 403 });
    }
    expect((await (await loggedIn()).open("/api/v1/whoami")).status).toBe(200);
  });

  it("takes forms alone, and none that is longer than a login is", async () => {
    const eve = visitor();
    await eve.open("/login");
    const json = await eve.send("/login", { name: "eve", password: secret }, undefined, "application/json");
    expect(json.status).toBe(415);
    expect((await eve.send("/login", { name: "eve", password: "x".repeat(9000) })).status).toBe(413);
    const other = await api.call("POST /api/v1/logout", {
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "a=b",
    });
    expect(other.status).toBe(415);
  });

  it("gives no login to a browser whose connection is not protected, and says how it would be", async () => {
    for (const more of [{ address: "192.0.2.1" }, { host: "10.0.0.5:7400" }]) {
      const far = visitor(more);
      const page = await far.open("/login");
      expect([page.status, page.cookies]).toEqual([403, []]);
      expect(page.text).toContain("Open the server by https://");
      expect(page.text).not.toContain("<form");
      expect((await far.send("/login", { name: "eve", password: secret })).cookies).toEqual([]);
    }
  });

  it("tells of too many tries, and how long to wait", async () => {
    const eve = visitor();
    await eve.open("/login");
    const tries = Array.from({ length: 6 }, () => eve.send("/login", { name: "zoe", password: "wrong" }));
    const late = (await Promise.all(tries)).find(({ status }) => status === 429);
    expect(late?.text).toMatch(/too many tries, wait \d+ s/);
  });
});

describe("a logout", () => {
  it("ends the login at once, and says so", async () => {
    const eve = await loggedIn();
    const text = eve.kept("berth-session");
    const answer = await eve.send("/logout", {});
    expect([answer.status, answer.location]).toEqual([303, "/login?said=out"]);
    expect(answer.cookies).toEqual(["berth-session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"]);
    expect((await eve.open("/login?said=out")).text).toContain('role="status">You are logged out here');
    eve.keep("berth-session", text);
    expect((await eve.open("/api/v1/whoami")).status).toBe(401);
    expect((await eve.send("/logout", {})).status).toBe(303);
  });
});

describe("the way to an issuer", () => {
  it("begins on a page of ours: a link of somebody else's leads to that, and ends no login", async () => {
    const from = (site: string) =>
      api.app.inject({
        url: "/login/oidc/company?next=/api/v1/jobs",
        remoteAddress: "127.0.0.1",
        headers: { host: "localhost:80", "sec-fetch-site": site, "sec-fetch-mode": "navigate" },
      });
    for (const site of ["cross-site", "same-site"]) {
      const { statusCode, headers } = await from(site);
      expect([site, statusCode, headers.location, headers["set-cookie"]]).toEqual([
        site,
        303,
        "/login?next=%2Fapi%2Fv1%2Fjobs",
        undefined,
      ]);
    }
    for (const site of ["none", "same-origin"])
      expect([site, (await from(site)).statusCode]).toEqual([site, 404]);
  });
});

describe("a password that somebody else has chosen", () => {
  it("leads to the page for another one, and lets nobody go on before", async () => {
    const made = (await make({ name: "fay", oneTimePassword: true })).body as { password: string };
    const fay = visitor();
    await fay.open("/login?next=/api/v1/jobs");
    const answer = await fay.send("/login", { name: "fay", password: made.password });
    expect(answer.location).toBe("/login/password?next=%2Fapi%2Fv1%2Fjobs");
    expect((await fay.open("/api/v1/jobs")).status).toBe(403);
    expect((await fay.open("/login")).location).toContain("/login/password");
    const page = await fay.open(answer.location ?? "");
    expect(page.text).toContain("chosen by somebody else");
    expect(page.text).toContain("Tokens and certificates stay");
    const next = "four words nobody guesses";
    const wrong = await fay.send("/login/password", {
      current: made.password,
      password: next,
      again: "other",
    });
    expect([wrong.status, wrong.text]).toEqual([400, expect.stringContaining("not typed the same twice")]);
    const short = await fay.send("/login/password", {
      current: made.password,
      password: "short",
      again: "short",
    });
    expect([short.status, short.text]).toEqual([400, expect.stringContaining("12 characters")]);
    expect(short.text).toMatch(/id="password"[^>]* aria-invalid="true" aria-describedby="error rule"/);
    expect(short.text).not.toMatch(/id="current"[^>]* aria-invalid/);
    const before = fay.kept("berth-session");
    const done = await fay.send("/login/password", { current: made.password, password: next, again: next });
    expect([done.status, done.location]).toEqual([303, "/api/v1/jobs"]);
    expect((await fay.open("/api/v1/jobs")).status).toBe(200);
    // Whoever has seen the text before has nothing of it.
    expect(fay.kept("berth-session")).not.toBe(before);
  });

  it("is what a copy of the cookie does not outlive, and who chose it goes on", async () => {
    await account("gil");
    const [gil, thief] = [await loggedIn("gil"), visitor()];
    thief.keep("berth-session", gil.kept("berth-session"));
    expect((await thief.open("/api/v1/whoami")).status).toBe(200);
    await gil.open("/login/password");
    const next = "other words nobody guesses";
    const done = await gil.send("/login/password", { current: secret, password: next, again: next });
    expect(done.status).toBe(303);
    expect((await thief.open("/api/v1/whoami")).status).toBe(401);
    const sessions = await gil.open("/api/v1/sessions");
    expect([sessions.status, (JSON.parse(sessions.text) as { items: unknown[] }).items.length]).toEqual([
      200, 1,
    ]);
  });

  it("is asked for by nobody who is not logged in", async () => {
    const answer = await visitor().open("/login/password");
    expect([answer.status, answer.location]).toEqual([303, "/login?next=%2Flogin%2Fpassword"]);
  });
});
