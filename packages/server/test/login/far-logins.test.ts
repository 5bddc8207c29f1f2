import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { AuditRecord } from "@berth/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Directory, slapdIsMissing } from "../support/directory.ts";
import { type InProcessServer, startInProcessServer } from "../support/in-process-server.ts";
import { type TempFolder, tempFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

async function call(
  server: InProcessServer,
  request: string,
  { token, body }: { token?: string; body?: unknown } = {},
): Promise<Answer> {
  const [method = "", path = ""] = request.split(" ");
  const answer = await fetch(server.url + path, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json().catch(() => ({}))) as Record<string, unknown> };
}

const asAdmin = (server: InProcessServer) => server.api.authorization.replace("Bearer ", "");

async function loginChecks(server: InProcessServer) {
  const { body } = await call(server, "GET /api/v1/server", { token: asAdmin(server) });
  return (body["logins"] as { checks: { name: string; status: string; detail: string }[] }).checks;
}

describe("tokens that another server vouches for", () => {
  let there: Server;
  let server: InProcessServer;
  const asked: string[] = [];
  /** What it knows, by token; a number is a status. */
  const known: Record<string, object | number> = {
    "ann-token": { active: true, sub: "7f", preferred_username: "ann", groups: ["/Lab", { path: "/lab" }] },
    "admin-token": { active: true, sub: "8f", preferred_username: "admin" },
    "executor-token": { active: true, sub: "9f", preferred_username: "Executor" },
    "hidden-token": { active: true, sub: "af", preferred_username: "an\u200bn" },
    "ci-token": { active: true, sub: "df", preferred_username: "CI" },
    "broken-token": 500,
    "endless-token": { active: true, sub: "bf", preferred_username: "eve", exp: 1e15 },
    "numberless-token": { active: true, sub: "cf\u0000", preferred_username: "nul", exp: 1e308 },
  };
  beforeAll(async () => {
    there = createServer((request, response) => {
      void text(request).then((body) => {
        const { token } = JSON.parse(body) as { token: string };
        asked.push(token);
        const answer = known[token] ?? { active: false };
        response.statusCode = typeof answer === "number" ? answer : 200;
        response.end(JSON.stringify(answer));
      });
    }).listen(0, "127.0.0.1");
    await once(there, "listening");
    const { port } = there.address() as AddressInfo;
    server = await startInProcessServer({ BERTH_INTROSPECTION_URL: `http://127.0.0.1:${port}/` });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    there.close();
  });

  it("make nobody of a name by which somebody comes already", async () => {
    const made = await call(server, "POST /api/v1/tokens", {
      token: asAdmin(server),
      body: { user: "ci", ttl: "1h" },
    });
    expect(made.status).toBe(201);
    const { status, body } = await call(server, "GET /api/v1/whoami", { token: "ci-token" });
    expect([status, body]).toMatchObject([403, { code: "IDENTITY_NOT_LINKED" }]);
    const own = await call(server, "GET /api/v1/whoami", { token: String(made.body["token"]) });
    expect([own.status, own.body]).toMatchObject([200, { roles: ["developer"] }]);
  });

  it("let in whoever they belong to, with what is given to that name here and no more", async () => {
    const token = "ann-token";
    const { status, body } = await call(server, "GET /api/v1/whoami", { token });
    expect([status, body]).toMatchObject([
      200,
      { name: "ann", groups: ["lab"], credential: { kind: "introspection" } },
    ]);
    expect((await call(server, "GET /api/v1/server", { token })).status).toBe(403);
    expect(JSON.stringify(body)).not.toContain(token);
  });

  it("may end later than any date, and say whose they are in ways that no table likes", async () => {
    for (const token of ["endless-token", "numberless-token"])
      expect((await call(server, "GET /api/v1/whoami", { token })).status).toBe(200);
  });

  it("shut out a locked name with all others", async () => {
    const token = "ann-token";
    const lock = await call(server, "POST /api/v1/users/ann/lock", { token: asAdmin(server) });
    expect(lock.status).toBeLessThan(300);
    expect((await call(server, "GET /api/v1/whoami", { token })).status).toBe(403);
    await call(server, "POST /api/v1/users/ann/unlock", { token: asAdmin(server) });
    expect((await call(server, "GET /api/v1/whoami", { token })).status).toBe(200);
  });

  it.each([
    ["a name that is somebody's here already", "admin-token", 403, "IDENTITY_NOT_LINKED"],
    ["a name of the server's own", "executor-token", 403, "IDENTITY_NOT_LINKED"],
    ["a name that looks like another", "hidden-token", 403, "IDENTITY_NOT_LINKED"],
    ["nobody's token", "other-token", 401, "UNAUTHENTICATED"],
    ["a server that fails", "broken-token", 503, "IDENTITY_UNAVAILABLE"],
  ])("let nobody in by %s", async (_what, token, status, code) => {
    expect(await call(server, "GET /api/v1/whoami", { token })).toMatchObject({ status, body: { code } });
  });

  it("are asked for elsewhere only where they are none of ours", async () => {
    asked.length = 0;
    const ours = [
      asAdmin(server),
      `berth_${"x".repeat(43)}`,
      "berth_s_x",
      "BERTH_x",
      `berth_s_${"x".repeat(43)}`,
    ];
    for (const token of ours) await call(server, "GET /api/v1/whoami", { token });
    expect(asked).toEqual([]);
  });

  it("are in the audit record when they are first met, and each time they are refused", async () => {
    for (let n = 0; n < 2; n += 1) await call(server, "GET /api/v1/whoami", { token: "ann-token" });
    await call(server, "GET /api/v1/whoami", { token: "other-token" });
    const records = await until(
      async () => {
        const { body } = await call(server, "GET /api/v1/audit?verb=enter&limit=100", {
          token: asAdmin(server),
        });
        const far = (body["items"] as AuditRecord[]).filter(({ about }) => about?.["provider"] !== undefined);
        return far.some(({ about }) => about?.["code"] === "UNAUTHENTICATED") ? far : null;
      },
      { what: "the records" },
    );
    const from = { door: "rest", address: "127.0.0.1", resource: "server" };
    expect(records.filter(({ account }) => account === "ann")).toMatchObject([
      {
        ...from,
        outcome: "done",
        about: { provider: "introspection" },
        credential: { kind: "introspection" },
      },
    ]);
    expect(records).toContainEqual(
      expect.objectContaining({
        ...from,
        account: null,
        outcome: "denied",
        about: { provider: "introspection", code: "UNAUTHENTICATED" },
      }),
    );
  });

  it("are told of by the doctor", async () => {
    expect(await loginChecks(server)).toEqual([
      expect.objectContaining({ name: "introspection", status: "ok" }),
    ]);
  });
});

const missing = slapdIsMissing();

describe.skipIf(missing !== null)("logins by a directory", () => {
  let slapd: Directory;
  let server: InProcessServer;
  let folder: TempFolder;
  beforeAll(async () => {
    slapd = await Directory.start();
    folder = tempFolder();
    const file = (name: string, content: string): string => {
      const path = join(folder.path, name);
      writeFileSync(path, content);
      chmodSync(path, 0o600);
      return path;
    };
    const company = {
      servers: [slapd.ldap],
      ca: file("ca.crt", slapd.ca),
      bindDn: "cn=reader,dc=example",
      passwordFile: file("password", "reader-secret\n"),
      users: { base: "ou=people,dc=example" },
      groups: { base: "ou=groups,dc=example" },
    };
    const wrong = { ...company, passwordFile: file("wrong", "no") };
    const lost = { ...company, users: { base: "ou=nowhere,dc=example" } };
    const dead = { ...company, servers: ["ldaps://127.0.0.1:1"] };
    server = await startInProcessServer({ BERTH_LDAP: JSON.stringify({ company, wrong, lost, dead }) });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await slapd[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  const logIn = (name: string, password: string, provider = "company") =>
    call(server, "POST /api/v1/login", { body: { name, password, provider } });

  it("make an account at the first one, and find it at the next, however the name is typed", async () => {
    const { status, body } = await logIn("ANN", "ann-secret");
    expect(status).toBe(201);
    const token = body["token"] as string;
    const who = await call(server, "GET /api/v1/whoami", { token });
    expect(who.body).toMatchObject({ name: "ann", account: { display: "ann of Example" } });
    expect((who.body["groups"] as string[]).toSorted()).toEqual(["lab", "ring-a", "ring-b", "ring-c"]);
    expect((await logIn("ann", "ann-secret")).status).toBe(201);
  });

  it("give what is given to a group of the directory", async () => {
    const { body } = await logIn("bob", "bob-secret");
    const token = body["token"] as string;
    expect((await call(server, "GET /api/v1/server", { token })).status).toBe(403);
    const binding = { role: "admin", group: "Others" };
    const given = await call(server, "POST /api/v1/bindings", { token: asAdmin(server), body: binding });
    expect(given).toMatchObject({ status: 201 });
    expect((await call(server, "GET /api/v1/server", { token })).status).toBe(200);
  });

  it("tell nobody who is there", async () => {
    const refused = { status: 401, body: { code: "UNAUTHENTICATED" } };
    expect(await logIn("ann", "wrong")).toMatchObject(refused);
    expect(await logIn("nobody", "wrong")).toMatchObject(refused);
    expect(await logIn("ann", "ann-secret", "local")).toMatchObject(refused);
  });

  it("are no logins while the directory cannot be asked", async () => {
    for (const provider of ["wrong", "dead"])
      expect(await logIn("bob", "bob-secret", provider)).toMatchObject({
        status: 503,
        body: { code: "IDENTITY_UNAVAILABLE", message: `Cannot ask directory "${provider}"` },
      });
  });

  it("are refused for a name that another directory has given to somebody", async () => {
    const { status, body } = await logIn("ann", "ann-secret", "lost");
    expect([status, body["code"]]).not.toEqual([201, undefined]);
  });

  it("are tried by the doctor, who says which part of the way fails", async () => {
    const checks = await loginChecks(server);
    const parts = checks.map(({ name, status, detail }) => [name, status, /: (\w+) fails/.exec(detail)?.[1]]);
    expect(parts).toEqual([
      ["company", "ok", undefined],
      ["wrong", "missing", "bind"],
      ["lost", "missing", "people"],
      ["dead", "missing", "connection"],
    ]);
    expect(JSON.stringify(checks)).not.toContain("secret");
  });
});
