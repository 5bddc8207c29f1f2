import { appendFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openPkiBench, type PkiBench } from "../../../test/support/pki-bench.ts";
import type { CertificateRecord } from "../../store/certificate-store.ts";
import { canonicalSerial } from "../authority.ts";
import { moveRegistryFile } from "./registry-file.ts";

let bench: PkiBench;
let path: string;
beforeEach(async () => {
  bench = await openPkiBench();
  path = join(bench.folder, "certificates.jsonl");
});
afterEach(() => bench[Symbol.asyncDispose]());

const move = ({ registry, folder } = bench): Promise<void> =>
  moveRegistryFile({ folder, certificates: registry, now: bench.clock.now() });
const names = async (): Promise<string[]> =>
  (await readdir(bench.folder)).filter((name) => name.startsWith("certificates")).toSorted();

function record(serial: string): CertificateRecord {
  const life = { notBefore: 0, notAfter: 2 ** 42, issuedAt: 1 };
  return { serial, cn: "alice", kind: "client", issuer: "aa", ...life, revokedAt: null };
}

const lines = [
  ...["01", "02"].map((serial) => ({ op: "issue", ...record(serial) })),
  { op: "revoke", serial: "02", at: 5 },
  { op: "lock", principal: "bob" },
  { op: "lock", principal: "carol" },
  { op: "unlock", principal: "carol" },
].map((line) => `${JSON.stringify(line)}\n`);

describe("the register file of an earlier version", () => {
  it("moves into the store, once, and stays beside as a copy", async () => {
    await writeFile(path, lines.join(""));
    await move();
    const { certificates, locks, authorities } = bench.store;
    expect((await certificates.list({ kind: "client" })).items).toEqual([
      { ...record("02"), revokedAt: 5 },
      record("01"),
    ]);
    expect(await locks.list()).toEqual([{ name: "bob", lockedAt: bench.clock.now() }]);
    // Its authority is as well known as what it signed.
    const serial = canonicalSerial(bench.ca.current.certificate.serialNumber);
    expect(await authorities.list()).toEqual([{ serial, trustedFrom: 0 }]);
    expect(await names()).toEqual(["certificates.jsonl.migrated"]);
    expect(await readFile(`${path}.migrated`, "utf8")).toBe(lines.join(""));
    await locks.unlock("bob");
    await move();
    expect(await locks.list()).toEqual([]);
  });

  it("moves again after a crash before it was put aside, and takes nothing back", async () => {
    await writeFile(path, lines.join(""));
    await move();
    await bench.registry.revoke("01", 9);
    await writeFile(path, lines.join(""));
    await move();
    expect(await bench.registry.revoked()).toEqual(["01", "02"]);
    expect((await names()).length).toBe(2);
  });

  it("is put aside only when it is in the store", async () => {
    await writeFile(path, lines.join(""));
    const full = { ...bench.registry, adopt: () => Promise.reject(new Error("disk full")) };
    await expect(move({ ...bench, registry: full })).rejects.toThrow("disk full");
    expect(await names()).toEqual(["certificates.jsonl"]);
  });

  it("ends where a crash cut its last line", async () => {
    await writeFile(path, lines.join(""));
    await appendFile(path, '{"op":"issue","serial":"03');
    await move();
    expect((await bench.registry.list({ kind: "client" })).items).toHaveLength(2);
  });

  it.each(["not json", '{"op":"revoked","serial":"01"}', '{"op":"revoke","serial":"/../x","at":1}', ""])(
    "is not taken over a damaged line, and nothing of it: %j",
    async (line) => {
      await writeFile(path, `${lines[0]}${line}\n`);
      await expect(move()).rejects.toMatchObject({
        code: "STORAGE_FAILED",
        message: `Cannot read "${path}": line 2 is damaged; restore it from a backup`,
      });
      expect(await bench.registry.find("01")).toBeNull();
      expect(await names()).toEqual(["certificates.jsonl"]);
    },
  );
});
