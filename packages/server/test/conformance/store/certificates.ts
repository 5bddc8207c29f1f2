import { describe, expect, it } from "vitest";
import type { CertificateRecord } from "../../../src/store/certificate-store.ts";
import type { StoreBench } from "../../support/store-bench.ts";

const now = 1_800_000_000_000;
const day = 24 * 3600_000;

function record(serial: string, more: Partial<CertificateRecord> = {}): CertificateRecord {
  const life = { notBefore: now, notAfter: now + day, issuedAt: now };
  return { serial, cn: "alice", kind: "client", issuer: "aa", ...life, revokedAt: null, ...more };
}

export function describeCertificates(use: () => StoreBench): void {
  describe("certificates", () => {
    it("are found as they were issued, whatever their name holds", async () => {
      const { certificates } = use().store;
      for (const [at, cn] of ["ann", "\0", "\ud800", "\u0001x", "\u00e9", "e\u0301"].entries()) {
        const issued = record(`1${at}`, { cn, notAfter: 2 ** 52 });
        await certificates.insert(issued);
        expect(await certificates.find(issued.serial)).toStrictEqual(issued);
      }
      expect(await certificates.find("1")).toBeNull();
      const { items } = await certificates.list({ kind: "client", cn: "\u00e9" });
      expect(items.map(({ serial }) => serial)).toEqual(["14"]);
    });

    it("have a serial that was not issued before", async () => {
      const { certificates } = use().store;
      await certificates.insert(record("20"));
      await expect(certificates.insert(record("20", { cn: "mallory" }))).rejects.toThrow("was issued before");
      expect(await certificates.find("20")).toMatchObject({ cn: "alice" });
    });

    it("are revoked once, at the time of the first", async () => {
      const { certificates } = use().store;
      await certificates.insert(record("30"));
      const others = await certificates.revoked();
      expect(await certificates.revoke("30", 5)).toEqual(record("30", { revokedAt: 5 }));
      expect(await certificates.revoke("30", 6)).toEqual(record("30", { revokedAt: 5 }));
      expect(await certificates.revoke("3f", 5)).toBeNull();
      const revoked = await certificates.revoked();
      expect(revoked.filter((serial) => !others.includes(serial))).toEqual(["30"]);
    });

    it("are listed in pages, newest first, by name and kind", async () => {
      const { certificates } = use().store;
      for (let index = 0; index < 8; index += 1) {
        const cn = index % 2 === 0 ? "carol" : "bob";
        await certificates.insert(record(`4${index}`, { cn, issuedAt: now + Math.floor(index / 4) }));
      }
      await certificates.insert(record("5e", { kind: "server", cn: "carol" }));
      const serials: string[] = [];
      let next: string | null = null;
      do {
        const cursor = next === null ? {} : { cursor: next };
        const page = await certificates.list({ kind: "client", cn: "carol", limit: 3, ...cursor });
        serials.push(...page.items.map(({ serial }) => serial));
        next = page.next;
      } while (next !== null);
      expect(serials).toEqual(["46", "44", "42", "40"]);
      expect((await certificates.list({ kind: "server" })).items).toHaveLength(1);
      const behindNothing = await certificates.list({ kind: "client", cursor: "ff" });
      expect(behindNothing).toEqual({ items: [], next: null });
    });

    it("are forgotten some time after their end, but for those that were revoked", async () => {
      const { certificates } = use().store;
      const ended = { notAfter: now - 5 * day };
      for (const serial of ["60", "61"]) await certificates.insert(record(serial, ended));
      await certificates.insert(record("62"));
      await certificates.revoke("61", 7);
      await certificates.forgetExpired(now - day);
      const left = ["60", "61", "62"].map(async (serial) => (await certificates.find(serial))?.serial);
      expect(await Promise.all(left)).toEqual([undefined, "61", "62"]);
      expect(await certificates.revoked()).toContain("61");
    });

    it("are known by when they end, but for those of servers, and those that were revoked or have ended", async () => {
      const { certificates } = use().store;
      const later = now + 9000 * day;
      for (const [serial, ahead] of [
        ["82", 3],
        ["80", 1],
        ["81", 2],
        ["84", -1],
      ] as const)
        await certificates.insert(record(serial, { notAfter: later + ahead }));
      await certificates.insert(record("83", { notAfter: later + 1, kind: "server" }));
      await certificates.revoke("81", 5);
      const { count, items } = await certificates.ending({ after: later, limit: 1 });
      const all = await certificates.ending({ after: later, limit: 9 });
      expect(items.map(({ serial }) => serial)).toEqual(["80"]);
      // Those that tests before this one issued for ever are there too.
      expect(all.items.map(({ serial }) => serial).slice(0, 2)).toEqual(["80", "82"]);
      expect(count).toBe(all.items.length);
    });

    it("take over a register with its revocations and locks, again and again, and lose none of their own", async () => {
      const { certificates, locks, authorities } = use().store;
      const many = Array.from({ length: 1100 }, (_, at) => record(`a${at}`, { cn: "many" }));
      await certificates.insert(record("70"));
      await certificates.revoke("70", 3);
      await locks.lock({ name: "dan", lockedAt: 2 });
      const records = [...many, record("70"), record("71", { revokedAt: 4 })];
      const register = { records, locked: ["dan", "\ud800"], authorities: ["ca1"], at: 9 };
      await certificates.adopt(register);
      await certificates.revoke("a7", 8);
      await certificates.adopt(register);
      const found = ["70", "71", "a7", "a1099"].map(async (serial) => await certificates.find(serial));
      const revokedAt = (await Promise.all(found)).map((one) => one?.revokedAt);
      expect(revokedAt).toEqual([3, 4, 8, null]);
      expect(await locks.list()).toEqual(
        expect.arrayContaining([
          { name: "dan", lockedAt: 2 },
          { name: "\ud800", lockedAt: 9 },
        ]),
      );
      expect(await authorities.list()).toContainEqual({ serial: "ca1", trustedFrom: 0 });
    });
  });

  describe("authorities", () => {
    it("stay known as they were first", async () => {
      const { authorities } = use().store;
      await authorities.remember({ serial: "c0", trustedFrom: 7 });
      await authorities.remember({ serial: "c0", trustedFrom: 0 });
      expect(await authorities.list()).toContainEqual({ serial: "c0", trustedFrom: 7 });
    });
  });

  describe("locks", () => {
    it("are there until they are taken back, with their first time, each for one name exactly", async () => {
      const { locks } = use().store;
      const mine = async (): Promise<unknown[]> =>
        (await locks.list()).filter(({ name }) => name.startsWith("erin"));
      for (const name of ["erin", "erin\0", "Erin"]) await locks.lock({ name, lockedAt: 1 });
      await locks.lock({ name: "erin", lockedAt: 2 });
      expect(await mine()).toEqual(
        expect.arrayContaining([
          { name: "erin", lockedAt: 1 },
          { name: "erin\0", lockedAt: 1 },
        ]),
      );
      await locks.unlock("erin");
      await locks.unlock("erin");
      expect(await mine()).toEqual([{ name: "erin\0", lockedAt: 1 }]);
    });
  });
}
