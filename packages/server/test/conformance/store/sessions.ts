import { describe, expect, it } from "vitest";
import { createToken } from "../../../src/auth/tokens.ts";
import { newId } from "../../../src/lib/ids.ts";
import type { Session } from "../../../src/store/session-store.ts";
import type { StoreBench } from "../../support/store-bench.ts";

const sampleSession = (named: Partial<Session> = {}): Session => {
  const id = newId();
  return {
    id,
    hash: id,
    principal: "s-ann",
    provider: "local",
    createdAt: 1000,
    usedAt: 1000,
    expiresAt: 9000,
    address: "192.0.2.1",
    agent: "curl\0",
    turn: null,
    ...named,
  };
};

export function describeSessions(use: () => StoreBench): void {
  describe("sessions", () => {
    const keep = { usedBefore: 0, of: null };

    it("are found by their hash and by their id, as they went in", async () => {
      const { sessions } = use().store;
      const session = sampleSession({ principal: "s-\ud800", agent: null, address: null });
      await sessions.insert(session, keep);
      expect(await sessions.findByHash(session.hash)).toStrictEqual(session);
      expect(await sessions.find(session.id)).toStrictEqual(session);
      expect(await sessions.findByHash("nobody")).toBe(null);
    });

    it("get another text once, and are found by the one before as well, until another comes", async () => {
      const { sessions } = use().store;
      const session = sampleSession({ principal: "s-turn", turn: { at: 1000, rights: "r", before: null } });
      await sessions.insert(session, keep);
      const [first, second, third] = [session.hash, newId(), newId()];
      const turn = (was: string, hash: string, at: number) =>
        sessions.turn(session.id, { was, before: was, hash, at, rights: "s" });
      const won = await Promise.all([turn(first, second, 2000), turn(first, third, 2000)]);
      expect(won).toEqual([true, false]);
      const before = { hash: first, until: null };
      const turned = { ...session, hash: second, turn: { at: 2000, rights: "s", before } };
      expect(await sessions.findByHash(second)).toStrictEqual(turned);
      expect(await sessions.findByHash(first)).toStrictEqual(turned);
      await sessions.settle(session.id, { hash: first, until: 1 });
      await sessions.settle(session.id, { hash: second, until: 7000 });
      await sessions.settle(session.id, { hash: second, until: 9000 });
      expect((await sessions.findByHash(first))?.turn?.before?.until).toBe(7000);
      expect(await turn(second, third, 3000)).toBe(true);
      expect(await sessions.findByHash(first)).toBe(null);
      expect((await sessions.findByHash(second))?.turn?.before).toEqual({
        hash: second,
        until: null,
      });
      expect(await sessions.replaced(second)).toBe(null);
      expect(await sessions.replaced(first)).toMatchObject({ session: { id: session.id }, at: 3000 });
      // The answer with the third was lost: the second stays the one before.
      const fourth = { was: third, before: second, hash: newId(), at: 4000, rights: "s" };
      expect(await sessions.turn(session.id, fourth)).toBe(true);
      expect(await sessions.replaced(third)).toMatchObject({ at: 4000 });
      expect([await sessions.replaced(second), (await sessions.findByHash(second))?.id]).toEqual([
        null,
        session.id,
      ]);
      await sessions.delete(session.id);
      expect(await sessions.replaced(first)).toBe(null);
    });

    it("are listed oldest first, of one or of all, page by page", async () => {
      const { sessions } = use().store;
      const [one, two, three] = [sampleSession(), sampleSession(), sampleSession({ principal: "s-ann-b" })];
      for (const session of [one, two, three]) await sessions.insert(session, keep);
      const page = await sessions.list({ principal: "s-ann", limit: 1, cursor: null });
      expect(page).toStrictEqual({ items: [one], next: one.id });
      const rest = await sessions.list({ principal: "s-ann", limit: 5, cursor: page.next });
      expect(rest).toStrictEqual({ items: [two], next: null });
      await expect(sessions.list({ principal: null, limit: 1, cursor: "x" })).rejects.toMatchObject({
        code: "CURSOR_INVALID",
      });
      expect(await sessions.existing([one.id, "nobody"])).toEqual([one.id]);
    });

    it("note their last use, and are deleted once", async () => {
      const { sessions } = use().store;
      const session = sampleSession();
      await sessions.insert(session, keep);
      await sessions.used(session.id, 5000);
      expect(await sessions.find(session.id)).toMatchObject({ usedAt: 5000 });
      expect([await sessions.delete(session.id), await sessions.delete(session.id)]).toEqual([true, false]);
    });

    it("that have ended are removed when another begins", async () => {
      const { sessions } = use().store;
      const old = sampleSession({ expiresAt: 2000 });
      const idle = sampleSession({ usedAt: 1500, expiresAt: 99_000 });
      const used = sampleSession({ usedAt: 2500, expiresAt: 99_000 });
      for (const session of [old, idle, used]) await sessions.insert({ ...session, createdAt: 0 }, keep);
      await sessions.insert(sampleSession({ createdAt: 3000 }), { usedBefore: 2000, of: null });
      expect(await sessions.existing([old.id, idle.id, used.id])).toEqual([used.id]);
    });

    it("begin only where the account is there, and has the password still that was shown", async () => {
      const { accounts, sessions, tokens, locks } = use().store;
      const account = { id: newId(), name: "s-fay", key: "s-fay", display: null, createdAt: 1 };
      const of = { id: account.id, password: "old" };
      const begins = (on: typeof of | { id: string; password: null }) =>
        sessions.insert(sampleSession({ principal: "s-fay", expiresAt: 10_000 }), { usedBefore: 0, of: on });
      expect(await begins(of)).toBe(false);
      await accounts.insert({
        ...account,
        password: { hash: "old", at: 1, mustChange: false },
        identity: null,
      });
      expect(await begins(of)).toBe(true);
      const next = { hash: "new", at: 2, mustChange: false };
      expect(await accounts.setPassword(account, next, { keep: null, was: "other" })).toBe(null);
      // However the two overlap: what began with the old one has ended, or never began.
      const [ended, ...begun] = await Promise.all([
        accounts.setPassword(account, next, { keep: null, was: "old" }),
        ...[1, 2, 3].map(() => begins(of)),
      ]);
      expect(ended).toHaveLength(1 + begun.filter(Boolean).length);
      expect([await begins(of), await begins({ ...of, password: null })]).toEqual([false, true]);
      await locks.lock({ name: "s-fay", lockedAt: 3 });
      await accounts.delete(account, 3);
      const { stored: token } = createToken({ name: "s-fay", role: "user" }, { createdAt: 1 });
      expect(await tokens.insert(token, account.id)).toBe(false);
      expect(await tokens.find(token.id)).toBe(null);
      expect(await begins({ ...of, password: null })).toBe(false);
      expect(await accounts.setPassword(account, next, { keep: null })).toBe(null);
      expect((await sessions.list({ principal: "s-fay", limit: 9, cursor: null })).items).toEqual([]);
      await accounts.restore(account);
      expect((await locks.list()).map(({ name }) => name)).toContain("s-fay");
      expect(await tokens.insert(token, account.id)).toBe(true);
    });

    it("end with another password, but for one, and with the account, which is locked and loses its tokens", async () => {
      const { accounts, sessions, tokens, locks } = use().store;
      const account = { id: newId(), name: "s-dan", key: "s-dan", display: null, createdAt: 1 };
      await accounts.insert({ ...account, password: null, identity: null });
      const mine = [1, 2].map(() => sampleSession({ principal: "s-dan", expiresAt: 10_000 }));
      const other = sampleSession({ principal: "s-dan-b" });
      for (const session of [...mine, other]) await sessions.insert(session, keep);
      const [kept, ended] = mine.map(({ id }) => id);
      const password = { hash: "x", at: 5, mustChange: true };
      expect(await accounts.setPassword(account, password, { keep: kept ?? "" })).toEqual([ended]);
      expect(await accounts.findPassword("s-dan")).toMatchObject({
        hash: "x",
        account: { passwordAt: 5, mustChange: true },
      });
      const token = {
        id: newId(),
        hash: newId(),
        principal: "s-dan",
        role: "user" as const,
        label: null,
        scope: null,
      };
      await tokens.insert({ ...token, createdAt: 1, expiresAt: null, usedAt: null });
      expect(await accounts.delete(account, 7)).toBe(true);
      expect(await accounts.delete(account, 8)).toBe(false);
      expect(await sessions.existing([...mine, other].map(({ id }) => id))).toEqual([other.id]);
      expect(await tokens.find(token.id)).toBe(null);
      const locked = async () => (await locks.list()).map(({ name }) => name);
      expect(await locked()).toContain("s-dan");
      expect(await accounts.find("s-dan")).toMatchObject({ deletedAt: 7 });
      expect(await accounts.restore(account)).toBe(true);
      expect(await accounts.restore(account)).toBe(false);
      expect(await locked()).not.toContain("s-dan");
      expect(await accounts.setPassword(account, null, { keep: null })).toEqual([]);
      expect(await accounts.findPassword("s-dan")).toMatchObject({
        hash: null,
        account: { passwordAt: null },
      });
      expect(await accounts.setPassword({ id: "nobody", name: "x" }, null, { keep: null })).toBe(null);
    });
  });
}
