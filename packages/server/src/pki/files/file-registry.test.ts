import { appendFile, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type TempFolder, tempFolder } from "../../../test/support/temp-folder.ts";
import { createManualClock, type ManualClock } from "../../lib/manual-clock.ts";
import type { CertificateRecord, CertificateRegistry } from "../certificate-registry.ts";
import { openFileRegistry } from "./file-registry.ts";

let folder: TempFolder;
let clock: ManualClock;
let path: string;
beforeEach(() => {
  folder = tempFolder();
  clock = createManualClock();
  path = join(folder.path, "certificates.jsonl");
});
afterEach(() => folder[Symbol.asyncDispose]());

const open = (): Promise<CertificateRegistry> => openFileRegistry({ path, clock });
const day = 24 * 3600_000;

function record(serial: string, more: Partial<CertificateRecord> = {}): CertificateRecord {
  const now = clock.now();
  const life = { notBefore: now, notAfter: now + day, issuedAt: now };
  return { serial, cn: "alice", kind: "client", issuer: "aa", ...life, revokedAt: null, ...more };
}

describe("the register of certificates", () => {
  it("remembers across a restart what was issued, revoked and locked", async () => {
    {
      await using registry = await open();
      for (const serial of ["01", "02", "03"]) await registry.insert(record(serial));
      await registry.revoke("02", clock.now() + 5);
      await registry.setLocked("bob", true);
      await registry.setLocked("carol", true);
      await registry.setLocked("carol", false);
    }
    await using registry = await open();
    expect(await registry.find("02")).toEqual(record("02", { revokedAt: clock.now() + 5 }));
    expect(await registry.refused()).toEqual({ serials: ["02"], locked: ["bob"] });
    expect((await registry.list()).items.map(({ serial }) => serial)).toEqual(["03", "02", "01"]);
  });

  it("has everything on the disk before it says so", async () => {
    await using registry = await open();
    await registry.insert(record("01"));
    expect(await readFile(path, "utf8")).toContain('"serial":"01"');
    await registry.revoke("01", 5);
    expect(await readFile(path, "utf8")).toContain('{"op":"revoke","serial":"01","at":5}');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it("keeps what was asked for at once, each once", async () => {
    await using registry = await open();
    const serials = Array.from({ length: 50 }, (_, index) => `a${index}`);
    await Promise.all(serials.map((serial) => registry.insert(record(serial))));
    await Promise.all(serials.map((serial) => registry.revoke(serial, 5)));
    await Promise.all(serials.map((serial) => registry.revoke(serial, 6)));
    expect((await readFile(path, "utf8")).trimEnd().split("\n")).toHaveLength(100);
    expect((await registry.refused()).serials.toSorted()).toEqual(serials.toSorted());
  });

  it("goes on after a crash in the middle of a line", async () => {
    {
      await using registry = await open();
      await registry.insert(record("01"));
    }
    await appendFile(path, '{"op":"issue","serial":"02');
    {
      await using registry = await open();
      expect((await registry.list()).items).toHaveLength(1);
      await registry.insert(record("03"));
    }
    await using registry = await open();
    expect((await registry.list()).items.map(({ serial }) => serial)).toEqual(["03", "01"]);
  });

  it.each(["not json", '{"op":"revoked","serial":"01"}', '{"op":"revoke","serial":"/../x","at":1}', ""])(
    "is not opened over a damaged line: %j",
    async (line) => {
      await writeFile(path, `${JSON.stringify({ op: "issue", ...record("01") })}\n${line}\n`);
      await expect(open()).rejects.toMatchObject({
        code: "STORAGE_FAILED",
        message: `Cannot read "${path}": line 2 is damaged; restore it from a backup`,
      });
    },
  );

  it("refuses a serial that was issued before", async () => {
    await using registry = await open();
    await registry.insert(record("01"));
    await expect(registry.insert(record("01", { cn: "mallory" }))).rejects.toThrow("was issued before");
    expect(await registry.find("01")).toMatchObject({ cn: "alice" });
  });

  it("forgets what expired a month ago, but no revocation and no lock", async () => {
    {
      await using registry = await open();
      for (const serial of ["01", "02"]) await registry.insert(record(serial));
      await registry.revoke("02", clock.now());
      await registry.setLocked("bob", true);
    }
    clock.step(32 * day);
    {
      await using registry = await open();
      expect((await registry.list()).items.map(({ serial }) => serial)).toEqual(["02"]);
    }
    expect((await readFile(path, "utf8")).trimEnd().split("\n")).toHaveLength(2);
    clock.step(-32 * day);
    await using registry = await open();
    expect(await registry.refused()).toEqual({ serials: ["02"], locked: ["bob"] });
    expect(await registry.find("02")).toMatchObject({ revokedAt: clock.now() });
  });

  it("lists in pages, newest first, by principal and kind", async () => {
    await using registry = await open();
    for (let index = 0; index < 7; index += 1) {
      await registry.insert(record(`0${index}`, { cn: index % 2 === 0 ? "alice" : "bob" }));
    }
    await registry.insert(record("5e", { kind: "server", cn: "berth" }));
    const serials: string[] = [];
    let next: string | null = null;
    do {
      const page = await registry.list({ cn: "alice", limit: 3, ...(next !== null && { cursor: next }) });
      serials.push(...page.items.map(({ serial }) => serial));
      next = page.next;
    } while (next !== null);
    expect(serials).toEqual(["06", "04", "02", "00"]);
    expect((await registry.list({ kind: "server" })).items).toHaveLength(1);
    expect(await registry.list({ cursor: "ff" })).toEqual({ items: [], next: null });
  });
});
