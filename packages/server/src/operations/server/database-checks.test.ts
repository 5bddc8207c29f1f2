import { BerthError } from "@berth/protocol";
import { expect, it } from "vitest";
import type { DatabaseReport } from "../../store/database-report.ts";
import { databaseChecks } from "./database-checks.ts";

const GiB = 2 ** 30;
const own: DatabaseReport = {
  kind: "sqlite",
  place: "/d/berth.db",
  failure: null,
  version: "SQLite 3.51.0",
  migrations: { applied: ["0001-jobs", "0002-tokens"], known: 2 },
  holder: { isThisServer: true, name: "pid 7" },
  sizeBytes: 4096,
  disk: { freeBytes: 20 * GiB, totalBytes: 40 * GiB, isMemory: false },
  connections: null,
  durability: [{ name: "synchronous", value: "FULL", isDurable: true }],
};
const shared: DatabaseReport = {
  ...own,
  kind: "postgres",
  place: "postgres://h/berth",
  disk: null,
  connections: { used: 9, most: 97 },
};

it.each([own, shared])("finds nothing to mend where there is nothing, in $kind", (report) => {
  const checks = databaseChecks(report);
  expect(checks.filter(({ status, fix }) => status !== "ok" || fix !== null)).toEqual([]);
  const names = ["connection", "version", "migrations", "lock", "room", "synchronous"];
  expect(checks.map(({ name }) => name).filter((name) => name !== "connections")).toEqual(names);
});

const lost = new BerthError("DATABASE_UNAVAILABLE", "Cannot use it: it is down", { fix: "Start it" });
const nothing = {
  holder: null,
  version: null,
  migrations: null,
  sizeBytes: null,
  connections: null,
  durability: [],
};

it.each<[string, DatabaseReport, string, string, RegExp, RegExp]>([
  ["is away", { ...shared, ...nothing, failure: lost }, "connection", "missing", /it is down/, /^Start it$/],
  [
    "failed in a way that nobody knows",
    { ...own, failure: new Error("x") },
    "connection",
    "missing",
    /^x$/,
    /log/,
  ],
  [
    "was taken by another server",
    { ...shared, holder: { isThisServer: false, name: "berth b pid 1" } },
    "lock",
    "missing",
    /berth b pid 1/,
    /stop the other/,
  ],
  ["is nobody's", { ...shared, holder: null }, "lock", "missing", /Nobody/, /stop the other/],
  [
    "was written by a newer Berth",
    { ...own, migrations: { applied: ["a", "b", "c"], known: 2 } },
    "migrations",
    "missing",
    /3 of 2/,
    /newest Berth/,
  ],
  [
    "lies on a disk that is nearly full",
    { ...own, disk: { freeBytes: GiB / 2, totalBytes: 40 * GiB, isMemory: false } },
    "room",
    "warning",
    /512 MiB of 40 GiB/,
    /BERTH_KEEP_JOBS_FOR/,
  ],
  [
    "lies in memory",
    { ...own, disk: { freeBytes: GiB, totalBytes: GiB, isMemory: true } },
    "disk",
    "warning",
    /lies in memory/,
    /BERTH_DATA_DIR/,
  ],
  [
    "has hardly a connection left",
    { ...shared, connections: { used: 94, most: 97 } },
    "connections",
    "warning",
    /94 of 97/,
    /max_connections/,
  ],
  [
    "may forget what it has stored",
    { ...shared, durability: [{ name: "fsync", value: "off", isDurable: false }] },
    "fsync",
    "warning",
    /loses power/,
    /ALTER SYSTEM SET fsync = on/,
  ],
  [
    "may forget it in a file",
    { ...own, durability: [{ name: "synchronous", value: "OFF", isDurable: false }] },
    "synchronous",
    "warning",
    /^OFF/,
    /Start this server again/,
  ],
])("says of a database that %s what to do", (_what, report, name, status, detail, fix) => {
  const found = databaseChecks(report).filter((one) => one.status !== "ok");
  expect(found).toEqual([
    {
      name,
      status,
      detail: expect.stringMatching(detail) as string,
      fix: expect.stringMatching(fix) as string,
    },
  ]);
});
