import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openPkiBench, type PkiBench } from "../../test/support/pki-bench.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import type { Store } from "../store/store.ts";
import { nameOf } from "./ca.ts";
import { createRoot } from "./create-root.ts";
import { issueClient } from "./issue.ts";
import { openPki, type Pki } from "./open-pki.ts";
import { rotateCa } from "./rotate.ts";

const key = "ec-p256";
const refused = expect.objectContaining({ code: "CERTIFICATE_REFUSED" }) as unknown;

let bench: PkiBench;
let reports: string[];
beforeEach(async () => {
  bench = await openPkiBench();
  reports = [];
});
afterEach(() => bench[Symbol.asyncDispose]());

/** As a server does that begins with this store beside the folder of keys. */
const openWith = (store: Store): Promise<Pki> =>
  openPki({
    folder: bench.folder,
    store,
    certs: null,
    names: [],
    key,
    clock: bench.clock,
    report: (what) => void reports.push(what),
  });
const emptyStore = (): Promise<Store> => openSqliteStore({ path: join(bench.folder, "other.db") });
const issue = async (from: Pick<PkiBench, "ca" | "registry" | "clock">) => ({
  ...(await issueClient(from, { principal: "ann", key })).record,
  issuerName: nameOf(from.ca.current),
});

describe("an authority whose store is lost", () => {
  it("is trusted for what it signs from then on, and for nothing before, now and after each restart", async () => {
    const revoked = await issue(bench);
    await bench.registry.revoke(revoked.serial, 1);
    bench.clock.advance(10_000);
    await using store = await emptyStore();
    const lostAt = new Date(bench.clock.now()).toISOString();
    for (let start = 0; start < 2; start += 1) {
      await using pki = await openWith(store);
      expect(() => pki.revocations.check(revoked)).toThrow(refused);
      const since = await issue({ ...bench, registry: pki.registry });
      expect(() => pki.revocations.check(since)).not.toThrow();
      expect(reports).toEqual([`Certificates issued before ${lostAt} are refused`]);
      reports.length = 0;
      bench.clock.advance(3600_000);
    }
  });

  it("is nothing to speak of once another one has taken its place, and stays refused all the same", async () => {
    const before = await issue(bench);
    bench.clock.advance(10_000);
    await using store = await emptyStore();
    {
      await using pki = await openWith(store);
      if (pki.ca === null) throw new Error("Cannot rotate: there is no authority");
      const now = bench.clock.now();
      await rotateCa(pki.ca, await createRoot({ now, key }), { now });
    }
    reports.length = 0;
    await using pki = await openWith(store);
    expect(reports).toEqual([]);
    expect(() => pki.revocations.check(before)).toThrow(refused);
  });

  it("takes nothing from the one that takes its place, though the clock was years ahead when it was lost", async () => {
    const before = await issue(bench);
    const ahead = 5 * 365 * 24 * 3600_000;
    bench.clock.step(ahead);
    await using store = await emptyStore();
    await using pki = await openWith(store);
    bench.clock.step(-ahead);
    if (pki.ca === null) throw new Error("Cannot rotate: there is no authority");
    const now = bench.clock.now();
    await rotateCa(pki.ca, await createRoot({ now, key }), { now });
    const since = await issue({ ...bench, ca: pki.ca, registry: pki.registry });
    expect(() => pki.revocations.check(since)).not.toThrow();
    expect(() => pki.revocations.check(before)).toThrow(refused);
    expect(() => pki.revocations.check({ ...since, issuerName: "nobody's" })).toThrow(refused);
  });

  it("is not one that was just made, nor one that the store has known", async () => {
    const before = await issue(bench);
    await using pki = await openWith(bench.store);
    expect(() => pki.revocations.check(before)).not.toThrow();
    expect(reports).toEqual([]);
  });
});
