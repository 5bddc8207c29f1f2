import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { join } from "node:path";
import type { AuditRecord } from "@berth/protocol";
import { Provider } from "oidc-provider";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DeviceLogins } from "../../src/auth/providers/oidc/device-logins.ts";
import { Oidc } from "../../src/auth/providers/oidc/oidc.ts";
import type { OidcOptions } from "../../src/auth/providers/oidc/oidc-options.ts";
import { freePort } from "../support/free-port.ts";
import { type InProcessServer, startInProcessServer } from "../support/in-process-server.ts";
import { jwkOf, optionsOf, SmallIssuer } from "../support/small-issuer.ts";
import { type TempFolder, tempFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";
import { Visitor } from "../support/visitor.ts";

const DEVICE = "urn:ietf:params:oauth:grant-type:device_code";

describe("a login by a real issuer and a device", () => {
  let issuer: string;
  let running: Server;
  let server: InProcessServer;
  let folder: TempFolder;
  beforeAll(async () => {
    const port = await freePort();
    issuer = `http://localhost:${port}`;
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: "berth",
          client_secret: "a secret: with % in it",
          grant_types: [DEVICE],
          response_types: [],
          redirect_uris: [],
        },
      ],
      features: { deviceFlow: { enabled: true }, devInteractions: { enabled: true } },
      scopes: ["openid", "groups"],
      claims: { openid: ["sub"], groups: ["groups", "preferred_username", "name"] },
      findAccount: (_context, id) => ({
        accountId: id,
        claims: () => ({ sub: `id-of-${id}`, preferred_username: id, name: "Ann Lee", groups: ["Lab"] }),
      }),
      cookies: { keys: ["for this test"] },
    });
    running = provider.listen(port, "localhost");
    await once(running, "listening");
    folder = tempFolder();
    const secretFile = join(folder.path, "secret");
    writeFileSync(secretFile, "a secret: with % in it\n");
    chmodSync(secretFile, 0o600);
    const sso = { issuer, clientId: "berth", secretFile, scopes: ["groups"] };
    const dead = { issuer: "http://localhost:1", clientId: "berth" };
    server = await startInProcessServer({ BERTH_OIDC: JSON.stringify({ sso, dead }) });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    running.closeAllConnections();
    running.close();
    await folder[Symbol.asyncDispose]();
  });

  const post = async (path: string, body: unknown) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(server.url + path, { method: "POST", headers, body: JSON.stringify(body) });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const begin = (provider = "sso") => post("/api/v1/login/device", { provider });
  const collect = (id: unknown) => post("/api/v1/login/device/collect", { id });

  it("is gone on with in a browser, and is a session here", async () => {
    const { status, body } = await begin();
    expect([status, body]).toMatchObject([
      201,
      { userCode: expect.stringMatching(/^\w{4}-\w{4}$/) as string },
    ]);
    expect((await collect(body["id"])).body).toEqual({ login: null });
    const visitor = new Visitor();
    expect(await visitor.goThrough(String(body["verificationUriComplete"]), { login: "ann" })).toMatch(
      /success/i,
    );
    let login: { token: string } | null = null;
    await until(
      async () => {
        const answer = await collect(body["id"]);
        if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
        login = answer.body["login"] as typeof login;
        return login !== null;
      },
      { what: "the login" },
    );
    const shown = login as { token: string } | null;
    const headers = { authorization: `Bearer ${shown?.token}` };
    const who = (await (await fetch(`${server.url}/api/v1/whoami`, { headers })).json()) as object;
    expect(who).toMatchObject({
      name: "ann",
      account: { display: "Ann Lee" },
      credential: { kind: "session" },
    });
    expect(await collect(body["id"])).toMatchObject({ status: 404, body: { code: "LOGIN_NOT_FOUND" } });
  });

  it("is none for who is called there as somebody is here", async () => {
    const { body } = await begin();
    await new Visitor().goThrough(String(body["verificationUriComplete"]), { login: "admin" });
    const answer = await until(
      async () => {
        const shown = await collect(body["id"]);
        return shown.status === 200 ? null : shown;
      },
      { what: "the refusal" },
    );
    expect(answer).toMatchObject({ status: 403, body: { code: "IDENTITY_NOT_LINKED" } });
  });

  it("is not begun where nobody is asked, or nobody answers", async () => {
    expect(await begin("local")).toMatchObject({ status: 400, body: { code: "REQUEST_INVALID" } });
    const unable = { code: "IDENTITY_UNAVAILABLE", message: 'Cannot log in by "dead"' };
    expect(await begin("dead")).toMatchObject({ status: 503, body: unable });
    expect(await collect("guess")).toMatchObject({ status: 404, body: { code: "LOGIN_NOT_FOUND" } });
  });

  it("is in the audit record, and so is what came to nothing", async () => {
    const seen = await until(
      async () => {
        const answer = await server.api.request("/api/v1/audit?verb=login&limit=100");
        const { items } = (await answer.json()) as { items: AuditRecord[] };
        const lines = items.map(({ door, account, name, address, outcome, about }) =>
          [door, account ?? name, address, outcome, about?.["provider"], about?.["code"]]
            .map(String)
            .join(" "),
        );
        return lines.filter((line) => line.includes("denied")).length >= 4 ? lines : null;
      },
      { what: "the records of the logins" },
    );
    expect(new Set(seen)).toEqual(
      new Set([
        "rest ann 127.0.0.1 done sso undefined",
        "rest null 127.0.0.1 denied undefined LOGIN_NOT_FOUND",
        "rest null 127.0.0.1 denied local REQUEST_INVALID",
        "rest null 127.0.0.1 denied dead IDENTITY_UNAVAILABLE",
        "rest admin 127.0.0.1 denied sso IDENTITY_NOT_LINKED",
      ]),
    );
  });

  it("is looked at by the doctor", async () => {
    const answer = await server.api.request("/api/v1/server");
    const { logins } = (await answer.json()) as { logins: { checks: { name: string; status: string }[] } };
    expect(logins.checks.map(({ name, status }) => [name, status])).toEqual([
      ["sso", "ok"],
      ["dead", "missing"],
    ]);
  });
});

describe("ABUSE 29: an issuer that is not to be believed", () => {
  let issuer: SmallIssuer;
  beforeAll(async () => {
    issuer = await SmallIssuer.start();
  });
  beforeEach(() => issuer.behave());
  afterAll(() => issuer[Symbol.asyncDispose]());

  async function logIn(more: Partial<OidcOptions> = {}) {
    const started = await new Oidc(optionsOf(issuer.url, { ...more, timeoutMs: 20_000 })).startDevice();
    return await started.proven(AbortSignal.timeout(30_000));
  }

  it("is believed where nothing is wrong: whose it is says its own name with theirs", async () => {
    expect(await logIn()).toEqual({ subject: `${issuer.url} 7`, name: "ann", display: null, groups: null });
    issuer.claims = { preferred_username: "other", email: "x@example.com", groups: ["a", { name: "b" }] };
    expect(await logIn()).toMatchObject({ subject: `${issuer.url} 7`, name: "other", groups: ["a", "b"] });
    expect(await logIn({ groupMap: { b: "lab" } })).toMatchObject({ groups: ["lab"] });
  });

  it("names nobody by an address that nobody has shown to be his", async () => {
    const claims = { name: "email", display: "name", groups: "groups" };
    issuer.claims = { email: "admin@example.com" };
    expect(await logIn({ claims })).toMatchObject({ name: "7" });
    issuer.claims = { email: "admin@example.com", email_verified: true };
    expect(await logIn({ claims })).toMatchObject({ name: "admin@example.com" });
  });

  it.each<[string, () => void]>([
    [
      "signs with a key that is not its own",
      () => (issuer.token = () => issuer.signedBy(issuer.foreign.privateKey, {})),
    ],
    ["signs with nothing", () => (issuer.token = () => issuer.unsigned({}))],
    [
      "means another client",
      () => (issuer.token = () => issuer.signedBy(issuer.own.privateKey, { aud: "other" })),
    ],
    [
      "speaks for another issuer",
      () => (issuer.token = () => issuer.signedBy(issuer.own.privateKey, { iss: "https://other.example" })),
    ],
    [
      "is early",
      () =>
        (issuer.token = () =>
          issuer.signedBy(issuer.own.privateKey, { nbf: Math.floor(Date.now() / 1000) + 3600 })),
    ],
    ["is late", () => (issuer.token = () => issuer.signedBy(issuer.own.privateKey, { exp: 1, iat: 0 }))],
    [
      "says nobody's name",
      () => (issuer.token = () => issuer.signedBy(issuer.own.privateKey, { sub: undefined })),
    ],
    ["gives no ID token", () => (issuer.token = async () => ({ access_token: "x", token_type: "bearer" }))],
    ["fails", () => (issuer.token = async () => ({ error: "server_error" }))],
    ["has no keys", () => (issuer.keys = [])],
    [
      "keeps its keys where nobody answers",
      () => (issuer.metadata = { ...issuer.metadata, jwks_uri: "http://127.0.0.1:1/keys" }),
    ],
    [
      "calls itself otherwise",
      () => (issuer.metadata = { ...issuer.metadata, issuer: "https://other.example" }),
    ],
    [
      "knows no devices",
      () => (issuer.metadata = { ...issuer.metadata, device_authorization_endpoint: undefined }),
    ],
    [
      "tells of somebody else when it is asked for more",
      () => (issuer.metadata = { ...issuer.metadata, userinfo_endpoint: `${issuer.url}/me` }),
    ],
    ["says too much", () => (issuer.metadata = { issuer: "x".repeat(300_000) })],
  ])("lets nobody in where it %s", async (_what, make) => {
    make();
    await expect(logIn()).rejects.toMatchObject({ code: "IDENTITY_UNAVAILABLE" });
  });

  it("lets nobody in who has refused there", async () => {
    issuer.token = async () => ({ error: "access_denied" });
    expect(await logIn()).toBeNull();
  });

  it("is believed at once with the key by which it has replaced its own, and no more with that one", async () => {
    expect(await logIn()).toMatchObject({ name: "ann" });
    issuer.keys = [await jwkOf(issuer.foreign.publicKey, "2")];
    issuer.token = () => issuer.signedBy(issuer.foreign.privateKey, {}, "2");
    expect(await logIn()).toMatchObject({ name: "ann" });
    issuer.token = () => issuer.signedBy(issuer.own.privateKey, {}, "1");
    await expect(logIn()).rejects.toMatchObject({ code: "IDENTITY_UNAVAILABLE" });
  });

  it("has five logins of one address under way, and no more", async () => {
    issuer.token = async () => ({ error: "authorization_pending" });
    using logins = new DeviceLogins({ issuers: [new Oidc(optionsOf(issuer.url))], now: Date.now });
    for (let n = 0; n < 5; n += 1) await logins.begin("sso", { address: "192.0.2.1" });
    await expect(logins.begin("sso", { address: "192.0.2.1" })).rejects.toMatchObject({
      code: "TOO_MANY_ATTEMPTS",
    });
    const { id } = await logins.begin("sso", { address: "192.0.2.2" });
    expect(logins.collect(id)).toBeNull();
  });
});
