import { describe, expect, it } from "vitest";
import { newId } from "../../../src/lib/ids.ts";
import type { CertificateRecord } from "../../../src/store/certificate-store.ts";
import type { ApiToken } from "../../../src/store/store.ts";
import type { StoreBench } from "../../support/store-bench.ts";

const token: ApiToken = {
  id: "t1",
  hash: "aa".repeat(32),
  principal: "alice",
  role: "user",
  createdAt: 1,
  expiresAt: null,
  label: null,
  scope: null,
  usedAt: null,
};

function certificate(of: Pick<CertificateRecord, "serial"> & { madeBy: string }): CertificateRecord {
  const times = { notBefore: 1, notAfter: 2, issuedAt: 1, revokedAt: null };
  return { ...of, cn: "alice", kind: "client", issuer: "i", ...times };
}

export function describeTokens(use: () => StoreBench): void {
  describe("tokens", () => {
    it("finds a token by its whole hash", async () => {
      const { tokens } = use().store;
      const second: ApiToken = { ...token, id: "t2", hash: "bb".repeat(32), role: "admin", expiresAt: 9 };
      await tokens.insert(second);
      await tokens.insert(token);
      await tokens.insert({ ...token, id: "t3", hash: "cc".repeat(32), principal: "alice-2" });
      expect(await tokens.findByHash(token.hash)).toStrictEqual(token);
      expect(await tokens.findByHash("aa")).toBeNull();
      const scope = [{ resource: "jobs", names: ["nül", "*"], verbs: ["read"] }] as const;
      const bounded: ApiToken = { ...token, id: "t6", hash: "ee".repeat(32), scope };
      await tokens.insert(bounded);
      expect(await tokens.find("t6")).toStrictEqual(bounded);
      expect(await tokens.findByHash(second.hash)).toStrictEqual(second);
    });

    it("refuses the same hash twice", async () => {
      const again = { ...token, id: "t4", hash: "dd".repeat(32) };
      await use().store.tokens.insert(again);
      await expect(use().store.tokens.insert({ ...again, id: "t5" })).rejects.toThrow("constraint");
    });

    it("lists tokens oldest first, page by page, of all or of one principal by its whole name", async () => {
      const { tokens } = use().store;
      const ids = Array.from({ length: 5 }, () => newId());
      for (const [n, id] of ids.entries()) {
        const principal = n === 4 ? "ann-b" : "ann";
        await tokens.insert({ ...token, id, hash: id, principal, label: "a\0b" });
      }
      const first = await tokens.list({ principal: "ann", limit: 3, cursor: null });
      expect([first.items.map(({ id }) => id), first.items[0]?.label]).toEqual([ids.slice(0, 3), "a\0b"]);
      const second = await tokens.list({ principal: "ann", limit: 3, cursor: first.next });
      expect([second.items.map(({ id }) => id), second.next]).toEqual([[ids[3]], null]);
      const all = await tokens.list({ principal: null, limit: 200, cursor: null });
      expect(all.items.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
      const tampered = tokens.list({ principal: null, limit: 3, cursor: "x" });
      await expect(tampered).rejects.toMatchObject({ code: "CURSOR_INVALID" });
    });

    it("says which are there, when each was used last, and revokes by id, once", async () => {
      const { tokens } = use().store;
      const [one, two] = [newId(), newId()];
      for (const id of [one, two]) await tokens.insert({ ...token, id, hash: id });
      await tokens.used(one, 7);
      expect([(await tokens.find(one))?.usedAt, (await tokens.find(two))?.usedAt]).toEqual([7, null]);
      const nothing = { tokens: [], certificates: [] };
      expect([await tokens.delete(two, 9), await tokens.delete(two, 9)]).toEqual([nothing, null]);
      const many = Array.from({ length: 1200 }, () => newId());
      expect(await tokens.existing([...many, two, one])).toEqual([one]);
      expect([await tokens.find(two), await tokens.findByHash(two)]).toEqual([null, null]);
    });

    it("ends with one what was made by it, at whatever remove, and makes nothing by one that has ended", async () => {
      const { tokens, certificates } = use().store;
      const [mother, child, grandchild, other] = [newId(), newId(), newId(), newId()];
      const made = (id: string, madeBy: string): ApiToken => ({ ...token, id, hash: id, madeBy });
      await tokens.insert(made(mother, `session ${newId()}`));
      await tokens.insert(made(child, `token ${mother}`));
      await tokens.insert(made(grandchild, `token ${child}`));
      await tokens.insert(made(other, `session ${mother}`));
      const serials = [mother, grandchild, other].map((id) => ({ serial: newId(), madeBy: `token ${id}` }));
      const [first, second, others] = serials.map(({ serial }) => serial);
      for (const one of serials) await certificates.insert(certificate(one));
      expect(await tokens.find(child)).toStrictEqual(made(child, `token ${mother}`));
      const ended = { tokens: [child, grandchild], certificates: [first, second] };
      expect(await tokens.madeBy(mother)).toEqual(ended);
      const gone = await tokens.delete(mother, 9);
      for (const kind of ["tokens", "certificates"] as const)
        expect(new Set(gone?.[kind])).toEqual(new Set(ended[kind]));
      expect(await tokens.existing([mother, child, grandchild, other])).toEqual([other]);
      expect((await certificates.find(first ?? ""))?.revokedAt).toBe(9);
      expect(await certificates.find(others ?? "")).toMatchObject({
        revokedAt: null,
        madeBy: `token ${other}`,
      });
      expect(await tokens.insert(made(newId(), `token ${child}`))).toBe(false);
      const late = certificate({ serial: newId(), madeBy: `token ${child}` });
      await expect(certificates.insert(late)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
      expect(await certificates.find(late.serial)).toBe(null);
    });
  });
}
