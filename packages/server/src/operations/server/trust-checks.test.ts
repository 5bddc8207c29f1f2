import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openPkiBench, type PkiBench } from "../../../test/support/pki-bench.ts";
import { issueClient } from "../../pki/issue.ts";
import { openPki } from "../../pki/open-pki.ts";
import { openSqliteStore } from "../../store/sqlite/open.ts";
import type { Store } from "../../store/store.ts";
import { trustChecks } from "./trust-checks.ts";

const day = 24 * 3600_000;

let bench: PkiBench;
beforeEach(async () => {
  bench = await openPkiBench();
});
afterEach(() => bench[Symbol.asyncDispose]());

/** What is told where a server begins with this store beside the folder of keys, but for what is well. */
async function warnings(store: Store): Promise<{ name: string; detail: string }[]> {
  const { folder, clock } = bench;
  const key = "ec-p256";
  await using pki = await openPki({ folder, store, clock, certs: null, names: [], key, report: () => {} });
  const checks = await trustChecks({ pki, store, now: () => clock.now() });
  return checks.filter(({ status }) => status !== "ok");
}

it("speaks of certificates in the last part of a long life, and of no others", async () => {
  const issue = (principal: string, ttlMs: number): Promise<unknown> =>
    issueClient(bench, { principal, key: "ec-p256", ttlMs });
  await issue("short", 2 * day);
  await issue("long", 30 * day);
  expect(await warnings(bench.store)).toEqual([]);
  bench.clock.step(25 * day);
  await issue("daily", day);
  expect(await warnings(bench.store)).toMatchObject([
    {
      name: "certificates",
      detail: expect.stringMatching(/that of "daily".*Near their end: "long"$/) as string,
    },
  ]);
});

it("speaks of an authority before it ends, and of one that is older than the database", async () => {
  bench.clock.step(3600 * day);
  expect(await warnings(bench.store)).toMatchObject([
    { name: "authority", fix: expect.stringContaining("berth ca rotate") as string },
  ]);
  bench.clock.step(-3600 * day);
  await using store = await openSqliteStore({ path: join(bench.folder, "other.db") });
  expect(await warnings(store)).toMatchObject([
    { name: "trusted-from", detail: expect.stringMatching(/^What "Berth CA .* is refused/) as string },
  ]);
});

it("says that nobody is asked where the server speaks no gRPC, and still who is locked out", async () => {
  await bench.store.locks.lock({ name: "eve", lockedAt: 1 });
  const checks = await trustChecks({ pki: null, store: bench.store, now: () => 0 });
  expect(checks.map(({ name, detail }) => [name, detail])).toEqual([
    ["authority", "None is asked: this server speaks no gRPC"],
    ["locks", 'Locked out: "eve"'],
  ]);
});
