import { expect, it } from "vitest";
import type { Session } from "../../store/session-store.ts";
import { sampleSession } from "../../../test/support/sample-session.ts";
import { hashOf } from "../tokens.ts";
import { CookieSessions } from "./cookie-sessions.ts";
import { newSessionText, ShownSessions } from "./shown-sessions.ts";

const MINUTE = 60_000;

/** One session in a cookie, in a store that keeps what a database would. */
function open() {
  const clock = { now: 1000, rights: "viewer", isFull: false };
  const text = newSessionText("cookie");
  const turn = { at: 1000, rights: "viewer", before: null };
  const ended: string[] = [];
  const replaced = new Map<string, number>();
  let stored: Session = sampleSession({ hash: hashOf(text), usedAt: 1000, expiresAt: 1e9, turn });
  const store = {
    findByHash: async (hash: string) =>
      stored.hash === hash || stored.turn?.before?.hash === hash ? stored : null,
    turn: async (
      _id: string,
      {
        was,
        before,
        hash,
        at,
        rights,
      }: { [K in "was" | "before" | "hash" | "rights"]: string } & {
        at: number;
      },
    ) => {
      if (clock.isFull) throw new Error("no space");
      if (stored.hash !== was) return false;
      const gone = was === before ? stored.turn?.before?.hash : was;
      if (gone !== undefined) replaced.set(gone, at);
      stored = { ...stored, hash, turn: { at, rights, before: { hash: before, until: null } } };
      return true;
    },
    settle: async (_id: string, { until }: { until: number }) => {
      const before = stored.turn?.before;
      if (stored.turn && before)
        stored = { ...stored, turn: { ...stored.turn, before: { ...before, until } } };
    },
    replaced: async (hash: string) => {
      const at = replaced.get(hash);
      return at === undefined ? null : { session: stored, at };
    },
    existing: async () => [],
    used: async () => undefined,
  };
  const now = (): number => clock.now;
  const shown = new ShownSessions({ sessions: store, now, idleMs: 1e9 });
  const cookies = new CookieSessions({
    shown,
    store,
    now,
    turnMs: 15 * MINUTE,
    rightsOf: () => clock.rights,
    end: async ({ id }) => {
      ended.push(id);
      stored = { ...stored, hash: "ended", turn };
      shown.forget(id);
    },
  });
  return {
    clock,
    text,
    ended,
    cookies,
    store,
    shown,
    renewed: async (of: string) => (await cookies.check(of)).renewed,
  };
}

it("keeps its text for its time, and has another one after that", async () => {
  const { clock, text, renewed } = open();
  clock.now += 15 * MINUTE - 1;
  expect(await renewed(text)).toBeNull();
  clock.now += 1;
  expect(await renewed(text)).toMatch(/^berth_c_[\w-]{43}$/);
});

it("gives one of several tabs the next text, which owes nothing to the one before, and all go on", async () => {
  const { clock, text, renewed } = open();
  clock.now += 15 * MINUTE;
  const all = await Promise.all([renewed(text), renewed(text), renewed(text)]);
  expect(all.filter((next) => next !== null)).toHaveLength(1);
  expect(await renewed(text)).toBeNull();
});

it("gives another next text where the answer with the first one was lost, and takes that no more", async () => {
  const { clock, text, renewed } = open();
  clock.now += 15 * MINUTE;
  const lost = (await renewed(text)) ?? "";
  clock.now += MINUTE;
  const next = (await renewed(text)) ?? "";
  expect(next).toMatch(/^berth_c_/);
  expect(next).not.toBe(lost);
  await expect(renewed(lost)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  expect(await renewed(next)).toBeNull();
});

it("takes the text before for a minute after the next one was shown, and ends when it is shown later", async () => {
  const { clock, text, renewed, ended } = open();
  clock.now += 15 * MINUTE;
  const next = (await renewed(text)) ?? "";
  expect(await renewed(next)).toBeNull();
  clock.now += MINUTE - 1;
  expect([await renewed(next), await renewed(text), ended]).toEqual([null, null, []]);
  clock.now += 1;
  await expect(renewed(text)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  expect(ended).toHaveLength(1);
  await expect(renewed(next)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
});

it("ends when a text is shown that was replaced twice, however long its owner was away", async () => {
  const { clock, text: stolen, renewed, ended } = open();
  let text = stolen;
  for (let turns = 0; turns < 3; turns += 1) {
    clock.now += 15 * MINUTE;
    text = (await renewed(text)) ?? "";
    expect(await renewed(text)).toBeNull();
  }
  await expect(renewed(stolen)).rejects.toThrow("a text of it was shown that had been replaced");
  expect(ended).toHaveLength(1);
  await expect(renewed(text)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
});

it("goes on where a request of another tab was on its way while its text was replaced twice", async () => {
  const { clock, text: before, renewed, ended } = open();
  let text = before;
  for (const rights of ["developer", "admin"]) {
    clock.rights = rights;
    text = (await renewed(text)) ?? "";
    expect(await renewed(text)).toBeNull();
  }
  clock.now += MINUTE - 1;
  await expect(renewed(before)).rejects.toThrow("the session is not known");
  expect([ended, await renewed(text)]).toEqual([[], null]);
});

it("has another text at once when its user may do something else than before", async () => {
  const { clock, text, renewed } = open();
  expect(await renewed(text)).toBeNull();
  clock.rights = "admin";
  const next = await renewed(text);
  expect(next).not.toBeNull();
  expect(await renewed(next ?? "")).toBeNull();
});

it("goes on with its text while the store takes no other", async () => {
  const { clock, text, renewed } = open();
  clock.now += 15 * MINUTE;
  clock.isFull = true;
  expect(await renewed(text)).toBeNull();
  clock.isFull = false;
  expect(await renewed(text)).not.toBeNull();
});

it.each([
  ["of a program", () => newSessionText("header")],
  ["nobody has", () => newSessionText("cookie")],
  ["of another form", () => `berth_c_${"x".repeat(44)}`],
])("proves nobody by a text %s", async (_what, make) => {
  const { cookies } = open();
  await expect(cookies.check(make())).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
});

it("is no text for a header", async () => {
  const { text, shown } = open();
  await expect(shown.check(text)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
});
