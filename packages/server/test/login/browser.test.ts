import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { patiently } from "../support/patience.ts";
import { type InProcessServer, startInProcessServer } from "../support/in-process-server.ts";

/** Debian's, which `scripts/install-host test` installs. */
const program = "/usr/bin/chromium";
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
];
const isMissing = !existsSync(program);
if (isMissing) console.log(`SKIPPED: logins in a real browser, because there is no ${program}`);

const secret = "four words nobody guesses";
const given = "what somebody else has chosen";
/** A browser that starts beside a whole test run takes its time. */
const PATIENCE_MS = patiently(300_000);

describe.skipIf(isMissing)("a real browser", { timeout: PATIENCE_MS }, () => {
  let browser: Browser;
  let server: InProcessServer;
  let issuer: Server;
  let stranger: Server;
  let strangerUrl: string;
  /** By the name by which cookies of other ports of this host are sent along. */
  let home: string;

  beforeAll(async () => {
    const port = await freePort();
    const oidc = { company: { issuer: `http://localhost:${port}`, clientId: "berth", scopes: ["groups"] } };
    server = await startInProcessServer({ BERTH_OIDC: JSON.stringify(oidc) });
    home = server.url.replace("127.0.0.1", "localhost");
    issuer = await startIssuer(port, `${home}/login/oidc/company/callback`);
    stranger = createServer((_, response) => {
      response.setHeader("content-type", "text/html");
      response.end(
        `<form id="f" method="post" action="${home}/logout"><button>f</button></form><form id="g" method="post" action="${home}/login"><input name="name" value="eve"><button>g</button></form>`,
      );
    }).listen(0, "localhost");
    await once(stranger, "listening");
    strangerUrl = `http://localhost:${(stranger.address() as AddressInfo).port}/`;
    browser = await chromium.launch({ executablePath: program, args, timeout: PATIENCE_MS });
    await using context = await open();
    await makeEve(context, server);
    await choosePassword(context, server);
  }, PATIENCE_MS);

  afterAll(async () => {
    await browser.close();
    for (const one of [issuer, stranger]) {
      one.closeAllConnections();
      one.close();
    }
    await server[Symbol.asyncDispose]();
  }, PATIENCE_MS);

  async function open(options: Parameters<Browser["newContext"]>[0] = {}): Promise<BrowserContext> {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(PATIENCE_MS);
    return context;
  }

  async function fillIn(page: Page, password: string, next = "/api/v1/whoami"): Promise<void> {
    await page.goto(`${home}/login?next=${next}`);
    await page.fill("#name", "eve");
    await page.fill("#password", password);
    await page.click("button");
  }

  async function who(page: Page): Promise<unknown> {
    await page.goto(`${home}/api/v1/whoami`);
    return JSON.parse(await page.innerText("body")) as unknown;
  }

  it("logs in, is refused, and logs out, without scripts", async () => {
    await using context = await open({ javaScriptEnabled: false });
    const page = await context.newPage();
    await fillIn(page, "a wrong password");
    expect(await page.innerText("[role=alert]")).toContain("name and password do not go together");
    expect(await page.inputValue("#name")).toBe("eve");
    await page.fill("#password", secret);
    await page.press("#password", "Enter");
    await page.waitForURL(`${home}/api/v1/whoami`);
    expect(await who(page)).toMatchObject({ name: "eve", credential: { kind: "session" } });
    await page.goto(`${home}/login`);
    await page.click("text=Log out");
    expect(await page.innerText("[role=status]")).toBe("You are logged out here.");
    expect(await who(page)).toMatchObject({ code: "UNAUTHENTICATED" });
  });

  it("hears first what was wrong, and keeps nothing that a script could read", async () => {
    await using context = await open();
    const page = await context.newPage();
    const blocked: string[] = [];
    page.on("console", (message) => {
      if (/Content Security Policy/.test(message.text())) blocked.push(message.text());
    });
    await fillIn(page, "a wrong password");
    expect(await page.evaluate("document.activeElement.getAttribute('role')")).toBe("alert");
    await page.fill("#password", secret);
    await page.click("button");
    await page.waitForURL(`${home}/api/v1/whoami`);
    expect(await page.evaluate("document.cookie")).toBe("");
    const kept = (await context.cookies()).find(({ name }) => name === "berth-session");
    expect(kept).toMatchObject({
      httpOnly: true,
      secure: false,
      sameSite: "Lax",
      path: "/",
      domain: "localhost",
    });
    expect(blocked).toEqual([]);
  });

  it("does nothing for a page of somebody else, which its cookies are sent along with", async () => {
    await using context = await open();
    const page = await context.newPage();
    await fillIn(page, secret);
    await page.waitForURL(`${home}/api/v1/whoami`);
    await page.goto(strangerUrl);
    // What the server says is not for that page to read; that eve goes on says it.
    await page.evaluate(
      `fetch("${home}/api/v1/logout", { method: "POST", mode: "no-cors", credentials: "include" }).catch(() => 0)`,
    );
    for (const form of ["f", "g"]) {
      await page.goto(strangerUrl);
      const answer = page.waitForResponse((response) => response.request().method() === "POST");
      await page.click(`#${form} button`);
      expect(await page.innerText("[role=alert]")).toContain("by a browser's login");
      const gone = await answer;
      expect(gone.status()).toBe(403);
      expect((await gone.request().allHeaders())["cookie"]).toContain("berth-session=");
    }
    expect(await who(page)).toMatchObject({ name: "eve" });
  });

  it("is out at once when its session is revoked, and what it has open ends", async () => {
    await using context = await open();
    const page = await context.newPage();
    await fillIn(page, secret);
    await page.waitForURL(`${home}/api/v1/whoami`);
    const { credential } = (await who(page)) as { credential: { id: string } };
    // A page of the server's that may ask it for something.
    await page.goto(`${home}/api/v1/docs`, { waitUntil: "commit" });
    const made = await page.evaluate<{ id: string }>(`fetch("/api/v1/jobs", { method: "POST",
      headers: { "content-type": "application/json" }, body: '{"command":"fake","args":["run-for=10m"]}' }).then((a) => a.json())`);
    const begun = page.waitForResponse(/output/);
    const ended = page.evaluate<string>(`fetch("/api/v1/jobs/${made.id}/output?follow=true")
      .then((answer) => answer.text()).then(() => "ended", () => "cut")`);
    expect((await begun).status()).toBe(200);
    const revoked = await server.api.request(`/api/v1/sessions/${credential.id}`, { method: "DELETE" });
    expect(revoked.status).toBe(204);
    expect(await ended).toBe("cut");
    expect(await who(page)).toMatchObject({ code: "UNAUTHENTICATED" });
    await server.api.stop(made.id, "1s");
  });

  it("logs in by an issuer and comes back to where it wanted to be", async () => {
    await using context = await open();
    const page = await context.newPage();
    await page.goto(`${home}/login?next=/api/v1/whoami`);
    await page.click("text=Log in with company");
    await page.fill("[name=login]", "ann");
    await page.fill("[name=password]", "whatever");
    await page.click("[type=submit]");
    await page.waitForSelector("text=Authorize");
    const returned = page.waitForRequest(/callback/);
    await page.click("[type=submit]");
    const callback = (await returned).url();
    await page.waitForURL(`${home}/api/v1/whoami`);
    expect(await who(page)).toMatchObject({ name: "ann", account: { display: "Ann Lee" }, groups: ["lab"] });
    // The same return a second time, and in somebody else's browser, is none.
    await using other = await open();
    for (const again of [page, await other.newPage()]) {
      const answer = await again.goto(callback);
      expect(answer?.status()).toBe(404);
      expect(await again.innerText("[role=alert]")).toContain("Begin it anew");
    }
    expect((await other.cookies()).map(({ name }) => name)).not.toContain("berth-session");
  });

  it("keeps its login over TLS under a name that nobody else can use", async () => {
    await using safe = await startInProcessServer({ BERTH_HTTP_TLS: "built-in" });
    await using context = await open({ ignoreHTTPSErrors: true });
    await makeEve(context, safe);
    const page = await context.newPage();
    await page.goto(`${safe.url}/login?next=/api/v1/whoami`);
    await page.fill("#name", "eve");
    await page.fill("#password", given);
    await page.click("button");
    await page.fill("#current", given);
    await page.fill("#password", secret);
    await page.fill("#again", secret);
    await page.click("text=Choose this password");
    await page.waitForURL(`${safe.url}/api/v1/whoami`);
    expect(await page.innerText("body")).toContain('"name":"eve"');
    const kept = await context.cookies();
    expect(kept.map(({ name }) => name).toSorted()).toEqual(["__Host-berth", "__Host-berth-form"]);
    for (const cookie of kept)
      expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: "Lax", path: "/" });
  });
});

async function startIssuer(port: number, callback: string): Promise<Server> {
  const provider = new Provider(`http://localhost:${port}`, {
    clients: [
      {
        client_id: "berth",
        token_endpoint_auth_method: "none",
        redirect_uris: [callback],
        // Else this one wants native clients to be on a port of any number.
        application_type: "web",
      },
    ],
    features: { devInteractions: { enabled: true } },
    pkce: { required: () => true },
    scopes: ["openid", "groups"],
    claims: { openid: ["sub"], groups: ["groups", "preferred_username", "name"] },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: `id-of-${id}`, preferred_username: id, name: "Ann Lee", groups: ["Lab"] }),
    }),
    cookies: { keys: ["for this test"] },
  });
  const running = provider.listen(port, "localhost");
  await once(running, "listening");
  return running;
}

/** As the server's administrator makes her; whoever asks accepts what the server shows of itself. */
async function makeEve({ request }: BrowserContext, { url, api }: InProcessServer): Promise<void> {
  const headers = { authorization: api.authorization };
  const made = await request.post(`${url}/api/v1/users`, { headers, data: { name: "eve", password: given } });
  expect(made.status()).toBe(201);
}

/** With a password that she alone knows. */
async function choosePassword({ request }: BrowserContext, { url }: InProcessServer): Promise<void> {
  const login = await request.post(`${url}/api/v1/login`, { data: { name: "eve", password: given } });
  const { token } = (await login.json()) as { token: string };
  const headers = { authorization: `Bearer ${token}` };
  const data = { current: given, password: secret };
  expect((await request.post(`${url}/api/v1/password`, { headers, data })).status()).toBe(204);
}
