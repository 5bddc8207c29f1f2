import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Secret, secretMask, type ServerReport } from "@berth/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { policyAccess } from "../src/auth/policy/policy-access.ts";
import { Roles } from "../src/auth/roles.ts";
import { builtInRoles } from "../src/core/access/built-in-roles.ts";
import type { Role } from "../src/core/access/role.ts";
import { ApiBench } from "./support/api-bench.ts";
import { type InProcessServer, startInProcessServer } from "./support/in-process-server.ts";
import { tempFolder } from "./support/temp-folder.ts";

const VALUE = "correct-horse-battery";

let api: ApiBench;
beforeAll(async () => {
  api = await ApiBench.open();
});
afterAll(() => api[Symbol.asyncDispose]());

const call = (request: string, body?: unknown) => api.call(request, { as: "root", body });

it("keeps a secret, shows its keys behind the mask, and changes it by the mask", async () => {
  const made = await call("POST /api/v1/secrets", {
    name: "db",
    values: { user: "berth-user", password: VALUE },
  });
  expect(made).toMatchObject({
    status: 201,
    body: { name: "db", source: "stored", version: 1, values: { password: secretMask, user: secretMask } },
  });
  const values = { user: secretMask, password: "", token: { base64: "AAECAwQFBgc=" } };
  const changed = await call("PATCH /api/v1/secrets/db", { values });
  expect(changed).toMatchObject({ status: 200, body: { version: 2 } });
  expect((changed.body as Secret).values).toEqual({ user: secretMask, token: secretMask });
  const shown = await call("GET /api/v1/secrets/db");
  expect(shown.body).toEqual(changed.body);
  expect((await call("GET /api/v1/secrets")).body).toEqual({ items: [changed.body] });
  const pinned = await api.context.secrets.pin("db");
  expect(Object.fromEntries(pinned?.values ?? [])).toEqual({
    user: Buffer.from("berth-user"),
    token: Buffer.from([0, 1, 2, 3, 4, 5, 6, 7]),
  });
  expect((await call("DELETE /api/v1/secrets/db")).status).toBe(204);
  for (const request of ["GET", "DELETE", "PATCH"]) {
    const gone = await call(
      `${request} /api/v1/secrets/db`,
      request === "PATCH" ? { values: {} } : undefined,
    );
    expect(gone).toMatchObject({ status: 404, body: { code: "SECRET_NOT_FOUND" } });
  }
  expect(api.logLines.join("")).toContain('"Secret made"');
  expect(api.logLines.join("")).not.toContain(VALUE);
});

it("ABUSE 32: says what is wrong with a secret without showing it", async () => {
  const wrong = [
    { name: "x", values: { pin: "1234" } },
    { name: "x", values: { password: secretMask, other: VALUE } },
    { name: "x", values: {} },
    { name: "X", values: { password: VALUE } },
    { name: "x", values: { "../password": VALUE } },
    { name: "x", values: { ".env": VALUE } },
    { name: "x", values: { password: { base64: `${VALUE}?` } } },
    { name: "x", values: { password: VALUE }, more: VALUE },
  ];
  for (const body of wrong) {
    const answer = await call("POST /api/v1/secrets", body);
    expect([answer.status, (answer.body as { code: string }).code]).toEqual([400, "REQUEST_INVALID"]);
    expect(answer.text).not.toContain(VALUE);
    expect(answer.text).not.toContain("1234");
  }
  const short = await call("POST /api/v1/secrets", { name: "pin", values: { pin: "1234" }, short: true });
  expect(short.status).toBe(201);
  expect(await call("POST /api/v1/secrets", { name: "pin", values: { pin: VALUE } })).toMatchObject({
    status: 409,
    body: { code: "SECRET_EXISTS" },
  });
});

it("lets those use a secret who were given it by its name, shows them nothing of it, and tells others of none", async () => {
  const role: Role = { name: "uses-db", rules: [{ resource: "secrets", names: ["db"], verbs: ["execute"] }] };
  const binding = { id: "b", role: "uses-db", kind: "user" as const, subject: "ann" };
  const access = policyAccess(new Roles(builtInRoles, { roles: [role], bindings: [binding] }));
  await using bench = await ApiBench.open(() => ({ access }));
  for (const name of ["db", "other"])
    await bench.call("POST /api/v1/secrets", { as: "root", body: { name, values: { key: VALUE } } });
  const submit = (name: string, as: "ann" | "bob") =>
    bench.call("POST /api/v1/jobs", { as, body: { command: "true", secrets: [{ name }] } });
  expect((await submit("db", "ann")).status).toBe(201);
  const refused = await Promise.all([submit("other", "ann"), submit("nowhere", "ann"), submit("db", "bob")]);
  for (const { status, body } of refused) {
    expect([status, (body as { code: string }).code]).toEqual([403, "SECRET_NOT_ALLOWED"]);
  }
  for (const request of ["GET /api/v1/secrets", "GET /api/v1/secrets/db", "DELETE /api/v1/secrets/db"])
    expect((await bench.call(request, { as: "ann" })).status).toBe(403);
});

async function ask(
  { api }: InProcessServer,
  request: string,
  body?: object,
): Promise<{ status: number; body: unknown }> {
  const [method = "", path = ""] = request.split(" ");
  const answer = await api.request(path, { method, ...(body && { body: JSON.stringify(body) }) });
  return { status: answer.status, body: answer.status === 204 ? null : await answer.json() };
}

/** A server on the data folder of the one before. */
const start = (dataDir: string, env: Record<string, string> = {}): Promise<InProcessServer> =>
  startInProcessServer({ BERTH_DATA_DIR: dataDir, ...env });

it("seals all by another master key, and says which key is missing", async () => {
  await using folder = tempFolder();
  const dataDir = join(folder.path, "data");
  const keysFile = join(dataDir, "secret-keys");
  const body = { name: "db", values: { password: VALUE } };
  {
    await using server = await start(dataDir);
    expect((await ask(server, "POST /api/v1/secrets", body)).status).toBe(201);
    const [first] = readFileSync(keysFile, "utf8").split(":");
    const rotated = await ask(server, "POST /api/v1/secrets/rotate-key", {});
    expect(rotated).toMatchObject({ status: 200, body: { rewrapped: 1 } });
    const [now, before] = readFileSync(keysFile, "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(":")[0]);
    expect([before, (rotated.body as { key: string }).key]).toEqual([first, now]);
    // The old one is of no use any more.
    writeFileSync(keysFile, `${readFileSync(keysFile, "utf8").split("\n")[0]}\n`);
  }
  {
    await using server = await start(dataDir);
    const values = { password: secretMask, user: "berth-user" };
    const changed = await ask(server, "PATCH /api/v1/secrets/db", { values });
    expect(changed.status).toBe(200);
  }
  const files = readdirSync(dataDir).filter((file) => file.startsWith("berth.db"));
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter((file) => readFileSync(join(dataDir, file)).includes(VALUE))).toEqual([]);
  const checks = async (server: InProcessServer): Promise<unknown[]> => {
    const { body } = await ask(server, "GET /api/v1/server");
    return (body as ServerReport).trust.checks.filter(({ name }) => name === "secrets");
  };
  {
    await using server = await start(dataDir);
    expect(await checks(server)).toMatchObject([{ status: "ok" }]);
  }
  rmSync(keysFile);
  await using server = await start(dataDir);
  expect(await checks(server)).toMatchObject([
    { status: "missing", detail: expect.stringMatching(/have sealed: k-[0-9a-f]{8}$/) as string },
  ]);
  expect(await ask(server, "PATCH /api/v1/secrets/db", { values: {} })).toMatchObject({
    status: 500,
    body: {
      code: "SECRET_KEY_MISSING",
      message: expect.stringMatching(/master key "k-[0-9a-f]{8}" is not there/) as string,
    },
  });
});

it("shows mounted secrets beside its own, changes none, and does not start where two have one name", async () => {
  await using folder = tempFolder();
  const dataDir = join(folder.path, "data");
  const mounted = join(folder.path, "mounted");
  mkdirSync(join(mounted, "db"), { recursive: true });
  writeFileSync(join(mounted, "db", "password"), VALUE);
  const env = { BERTH_SECRETS_FOLDER: mounted };
  {
    await using server = await start(dataDir, env);
    const shown = await ask(server, "GET /api/v1/secrets/db");
    expect(shown.body).toMatchObject({ source: "files", version: null, values: { password: secretMask } });
    const body = { name: "db", values: { password: VALUE } };
    expect((await ask(server, "POST /api/v1/secrets", body)).body).toMatchObject({
      code: "SECRET_EXISTS",
    });
    for (const method of ["DELETE", "PATCH"] as const) {
      const answer = await ask(
        server,
        `${method} /api/v1/secrets/db`,
        method === "PATCH" ? { values: {} } : undefined,
      );
      expect(answer.body).toMatchObject({ code: "SECRET_READ_ONLY" });
    }
  }
  {
    await using server = await start(dataDir);
    const body = { name: "db", values: { password: VALUE } };
    expect((await ask(server, "POST /api/v1/secrets", body)).status).toBe(201);
  }
  await expect(start(dataDir, env)).rejects.toThrow('mounted secrets have names of stored ones: "db"');
});
