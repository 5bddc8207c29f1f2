import type { Check, ServerReport } from "@berth/protocol";
import { expect, it } from "vitest";
import { type InProcessServer, startInProcessServer } from "./support/in-process-server.ts";
import { writeCertificates } from "./support/certificates.ts";
import { Postgres, postgresIsMissing } from "./support/postgres.ts";
import { tempFolder } from "./support/temp-folder.ts";

const missing = postgresIsMissing();
if (missing !== null) console.log(`SKIPPED: the look at a database in PostgreSQL, because ${missing}`);

async function lookAt({ api }: InProcessServer): Promise<ServerReport> {
  return (await (await api.request("/api/v1/server")).json()) as ServerReport;
}

function byName(checks: readonly Check[]): Record<string, Check> {
  return Object.fromEntries(checks.map((check) => [check.name, check]));
}

it("tells its administrators which database it has, and whom it trusts", async () => {
  await using server = await startInProcessServer({
    BERTH_GRPC_ADDRESS: "localhost:0",
    BERTH_GRPC_KEY: "ec-p256",
  });
  const { database, trust } = await lookAt(server);
  expect(database).toMatchObject({ kind: "sqlite", place: `${server.dataDir}/berth.db` });
  expect(byName(database.checks)["lock"]?.detail).toContain(`pid ${process.pid}`);
  await server.api.request("/api/v1/certificates/lock", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "eve", locked: true }),
  });
  expect(trust.checks.map(({ name, status }) => [name, status])).toEqual([
    ["rest", "ok"],
    ["authority", "ok"],
    ["server-certificate", "ok"],
    ["certificates", "ok"],
    ["revocations", "ok"],
    ["locks", "ok"],
  ]);
  const bound = async (jobs: number) =>
    await server.api.request("/api/v1/quotas/ann", {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jobs, memory: "1Gi" }),
    });
  await bound(2);
  const quotas = async () => byName((await lookAt(server)).trust.checks)["quotas"];
  expect(await quotas()).toMatchObject({ status: "ok", detail: "1 quota is set, and none is used up" });
  await bound(0);
  expect(await quotas()).toMatchObject({
    status: "warning",
    detail: '1 quota is set. "ann" runs 0 of 0 jobs',
  });
  expect(byName(trust.checks)["authority"]?.detail).toMatch(/^"Berth CA [0-9a-f]{8}" signs, until 20\d\d-/);
  expect(byName((await lookAt(server)).trust.checks)["locks"]?.detail).toBe('Locked out: "eve"');
  expect((await fetch(`${server.url}/api/v1/server`)).status).toBe(401);
});

it("warns of a certificate from a folder before it ends", async () => {
  await using temp = tempFolder();
  await writeCertificates(temp.path, { clients: [] });
  await using server = await startInProcessServer({
    BERTH_GRPC_ADDRESS: "localhost:0",
    BERTH_GRPC_CERTS: temp.path,
  });
  const checks = byName((await lookAt(server)).trust.checks);
  expect(checks["authority"]?.detail).toContain("BERTH_GRPC_CERTS");
  expect(checks["server-certificate"]?.detail).toMatch(/^Good until 20/);
});

it.skipIf(missing !== null)("tells of PostgreSQL what may be lost there, and who has it", async () => {
  await using postgres = await Postgres.start();
  const url = await postgres.database();
  await using server = await startInProcessServer({ BERTH_DATABASE: url.reveal() });
  const { database } = await lookAt(server);
  expect(database).toMatchObject({ kind: "postgres", place: url.name });
  const checks = byName(database.checks);
  expect(Object.keys(checks)).toEqual(
    expect.arrayContaining(["connection", "version", "migrations", "lock", "room", "connections", "fsync"]),
  );
  expect(checks["lock"]?.detail).toContain(`pid ${process.pid}`);
  // Those of the tests outlive no host.
  expect(checks["fsync"]).toMatchObject({
    status: "warning",
    fix: expect.stringContaining("fsync = on") as string,
  });
  expect(checks["full_page_writes"]?.status).toBe("ok");
});
