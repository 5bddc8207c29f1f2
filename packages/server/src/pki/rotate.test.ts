import { mkdir, mkdtempDisposable, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openssl } from "../../test/support/openssl.ts";
import { openPkiBench, type PkiBench } from "../../test/support/pki-bench.ts";
import { until } from "../../test/support/until.ts";
import { createCa, openCa } from "./ca.ts";
import { createRoot } from "./create-root.ts";
import { issueClient, issueServer } from "./issue.ts";
import { rotateCa } from "./rotate.ts";

let bench: PkiBench;
beforeEach(async () => {
  bench = await openPkiBench();
});
afterEach(() => bench[Symbol.asyncDispose]());

const day = 24 * 3600_000;
const key = "ec-p256";
const options = () => {
  const { folder, clock, store } = bench;
  return { folder, clock, authorities: store.authorities, report: () => {} };
};
const rotate = async (overlapMs: number, more: { force?: boolean } = {}): Promise<void> => {
  const now = bench.clock.now();
  await rotateCa(bench.ca, await createRoot({ now, key }), { now, overlapMs, ...more });
};

async function verify(
  purpose: string,
  { trusted, chain }: { trusted: string; chain: string },
): Promise<boolean> {
  const ca = await bench.write("trusted.crt", trusted);
  const crt = await bench.write("shown.crt", chain);
  const args = [
    "verify",
    "-x509_strict",
    "-partial_chain",
    "-purpose",
    purpose,
    "-CAfile",
    ca,
    "-untrusted",
    crt,
    crt,
  ];
  return (await openssl(args)).ok;
}

/** Files of its own: several are looked at together. */
async function verifyIn(trusted: string, chain: string, purpose = "sslserver"): Promise<boolean> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "berth-verify-"));
  const [ca, crt] = [join(folder.path, "ca.crt"), join(folder.path, "shown.crt")];
  await writeFile(ca, trusted);
  await writeFile(crt, chain);
  // The clock of the test is ahead of OpenSSL's.
  const args = [
    "verify",
    "-no_check_time",
    "-x509_strict",
    "-partial_chain",
    "-purpose",
    purpose,
    "-CAfile",
    ca,
    "-untrusted",
    crt,
    crt,
  ];
  return (await openssl(args)).ok;
}

describe("while two authorities overlap", () => {
  it("clients of the old one still come in, beside those of the new one", async () => {
    const old = await issueClient(bench, { principal: "old", key, ttlMs: 90 * day });
    await rotate(30 * day);
    const young = await issueClient(bench, { principal: "young", key });
    for (const { chainPem } of [old, young]) {
      expect(await verify("sslclient", { trusted: bench.ca.clientCas, chain: chainPem })).toBe(true);
    }
  });

  it("who knows only the old root knows the server's new certificate, and who knows only the new one too", async () => {
    const before = bench.ca.roots;
    await rotate(30 * day);
    const { chainPem } = await issueServer(bench, { key });
    const after = bench.ca.roots.replace(before, "");
    expect(after.match(/BEGIN/g)).toHaveLength(1);
    for (const trusted of [before, after, bench.ca.roots]) {
      expect(await verify("sslserver", { trusted, chain: chainPem })).toBe(true);
    }
  });

  it("a restart changes nothing", async () => {
    await rotate(30 * day);
    await using reopened = await openCa(options());
    expect([reopened.clientCas, reopened.roots]).toEqual([bench.ca.clientCas, bench.ca.roots]);
    const { chainPem } = await issueClient({ ...bench, ca: reopened }, { principal: "a", key });
    expect(await verify("sslclient", { trusted: bench.ca.clientCas, chain: chainPem })).toBe(true);
  });

  it("a second rotation is refused, because the chain of the server would grow", async () => {
    await rotate(30 * day);
    const before = bench.ca.roots;
    const end = new Date(bench.clock.now() + 30 * day).toISOString();
    await expect(rotate(30 * day)).rejects.toMatchObject({
      code: "SETTINGS_INVALID",
      message: expect.stringContaining(`trusted until ${end}`) as string,
    });
    expect(bench.ca.roots).toBe(before);
    bench.clock.advance(30 * day);
    await rotate(30 * day);
  });

  it("a second rotation by force keeps all three", async () => {
    await rotate(30 * day);
    await rotate(30 * day, { force: true });
    expect(bench.ca.clientCas.match(/BEGIN/g)).toHaveLength(3);
  });

  it("a second rotation by force shuts out no client, whichever of the roots it knows, until each has ended", async () => {
    const rootsAt = [bench.ca.roots];
    const clients = [await issueClient(bench, { principal: "first", key, ttlMs: 90 * day })];
    const knowsServer = async (): Promise<boolean[]> => {
      const { chainPem } = await issueServer(bench, { key });
      return Promise.all(rootsAt.map((trusted) => verifyIn(trusted, chainPem)));
    };
    for (const name of ["second", "third"]) {
      bench.clock.advance(day);
      await rotate(30 * day, { force: true });
      rootsAt.push(bench.ca.roots);
      clients.push(await issueClient(bench, { principal: name, key, ttlMs: 90 * day }));
    }
    expect(await knowsServer()).toEqual([true, true, true]);
    for (const { chainPem } of clients)
      expect(await verifyIn(bench.ca.clientCas, chainPem, "sslclient")).toBe(true);
    {
      await using reopened = await openCa(options());
      expect(reopened.current.crosses).toHaveLength(2);
    }
    // The first has ended, the second not yet: who has both goes on by the second.
    bench.clock.advance(29 * day);
    expect(bench.ca.current.crosses).toHaveLength(1);
    expect(await knowsServer()).toEqual([false, true, true]);
    bench.clock.advance(2 * day);
    expect(await knowsServer()).toEqual([false, false, true]);
  });
});

describe("when the overlap is over", () => {
  it("the old authority is forgotten, its key too, and whoever listens is told", async () => {
    const old = await issueClient(bench, { principal: "old", key, ttlMs: 90 * day });
    const oldKey = bench.ca.current.keyPem.reveal().split("\n")[1] ?? "";
    await rotate(day);
    let told = 0;
    bench.ca.onChange(() => (told += 1));
    const stored = () => readFile(join(bench.folder, "authority.json"), "utf8");
    expect(await stored()).toContain(oldKey);
    bench.clock.advance(day);
    expect(told).toBe(1);
    expect(await verify("sslclient", { trusted: bench.ca.clientCas, chain: old.chainPem })).toBe(false);
    await until(async () => !(await stored()).includes(oldKey), { what: "the old key gone" });
  });

  it("the server no longer shows what the old authority signed", async () => {
    await rotate(day);
    expect((await issueServer(bench, { key })).chainPem.match(/BEGIN/g)).toHaveLength(2);
    bench.clock.advance(day);
    expect((await issueServer(bench, { key })).chainPem.match(/BEGIN/g)).toHaveLength(1);
  });

  it("is noticed also when nobody ran meanwhile", async () => {
    await rotate(day);
    bench.clock.step(2 * day);
    await using reopened = await openCa(options());
    expect(reopened.trusted).toHaveLength(1);
  });
});

describe("a rotation that cannot be stored", () => {
  it.each(["ca.crt", "authority.json"])("because of %s has changed nothing", async (name) => {
    const stored = (): Promise<string[]> =>
      Promise.all(
        ["ca.crt", "authority.json"].map((one) => readFile(join(bench.folder, one), "utf8").catch(String)),
      );
    const before = await stored();
    // A folder in the way of the draft.
    const inTheWay = join(bench.folder, `${name}.new`);
    await mkdir(inTheWay);
    await expect(rotate(day)).rejects.toMatchObject({ code: "STORAGE_FAILED" });
    expect(await stored()).toEqual(before);
    expect(bench.ca.trusted).toHaveLength(1);
    await rm(inTheWay, { recursive: true });
    await rotate(day);
    expect(bench.ca.trusted).toHaveLength(2);
  });
});

describe("the folder of keys", () => {
  it("can be opened by its owner only, the roots apart", async () => {
    const mode = async (name: string): Promise<string> =>
      ((await stat(join(bench.folder, name))).mode & 0o777).toString(8);
    expect(await Promise.all(["", "authority.json", "ca.crt"].map(mode))).toEqual(["700", "600", "644"]);
    expect(await readFile(join(bench.folder, "ca.crt"), "utf8")).toBe(bench.ca.roots);
  });

  it.each([
    ["is missing", (path: string) => rm(path)],
    ["is that of another time", (path: string) => writeFile(path, "old")],
  ])("gets its ca.crt again at the next start where it %s, as a crash may leave it", async (_what, spoil) => {
    const path = join(bench.folder, "ca.crt");
    await spoil(path);
    await using ca = await openCa(options());
    expect(await readFile(path, "utf8")).toBe(ca.roots);
  });

  it("serves also where ca.crt cannot be written, and says so", async () => {
    const path = join(bench.folder, "ca.crt");
    await rm(path);
    await mkdir(path);
    const reports: string[] = [];
    await using ca = await openCa({ ...options(), report: (what) => void reports.push(what) });
    expect(ca.roots).toBe(bench.ca.roots);
    expect(reports).toEqual(["Cannot write the roots that clients need"]);
  });

  it("shows the roots to everybody, however strict the server's umask is", async () => {
    const before = process.umask(0o077);
    try {
      await bench.ca.save();
    } finally {
      process.umask(before);
    }
    expect((await stat(join(bench.folder, "ca.crt"))).mode & 0o777).toBe(0o644);
  });

  it("holds one authority: a second beginning is refused", async () => {
    const again = createCa(options(), await createRoot({ now: bench.clock.now(), key }));
    await expect(again).rejects.toMatchObject({ code: "SETTINGS_INVALID" });
  });

  it("that is damaged is refused, without a word of what is in it", async () => {
    const path = await bench.write("pki/authority.json", '{"version":1,"current":{"key":"-----BEGIN SECRET');
    const error: unknown = await openCa(options()).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: "STORAGE_FAILED",
      message: `Cannot read "${path}": it is damaged; restore it from a backup`,
    });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("SECRET");
  });
});
