import { describe, expect, it, vi } from "vitest";
import { holdToEnd, ShownCredentials } from "./shown-credentials.ts";

interface Session {
  id: string;
  expiresAt: number | null;
  usedAt: number | null;
}

/** Sessions that are known by a hash like `h1`, the id of which is then `1`; as many as are asked for. */
function open({ usedAt = null, expiresAt = null }: Partial<Session> = {}, idleMs?: number) {
  const time = { now: 1_000_000 };
  const gone = new Set<string>();
  const findByHash = vi.fn<(hash: string) => Promise<Session | null>>(async (hash) =>
    gone.has(hash.slice(1)) ? null : { id: hash.slice(1), expiresAt, usedAt },
  );
  const existing = vi.fn<(ids: readonly string[]) => Promise<string[]>>(async (ids) =>
    ids.filter((id) => !gone.has(id)),
  );
  const used = vi.fn<(id: string, at: number) => Promise<void>>(async () => undefined);
  const shown = new ShownCredentials<Session>({
    kind: "session",
    store: { findByHash, existing, used },
    now: () => time.now,
    ...(idleMs !== undefined && { idleMs }),
  });
  const findMany = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index += 1) await shown.find(`h${index}`);
  };
  return { time, gone, findByHash, existing, used, shown, findMany };
}

const credential = { kind: "session", id: "1" } as const;
const expired = { code: "UNAUTHENTICATED", message: "Cannot authenticate: the session has expired" };

describe("one that ends where it is not used", () => {
  it("ends after that time to the millisecond, counted from its last use", async () => {
    const { shown, time } = open({ usedAt: 1_000_000 }, 5000);
    time.now = 1_004_999;
    await expect(shown.find("h1")).resolves.toMatchObject({ id: "1" });
    time.now = 1_005_000;
    await expect(shown.find("h1")).rejects.toMatchObject(expired);
  });

  it("goes on by each use, also by one that is not stored yet", async () => {
    const { shown, time, used } = open({ usedAt: 900_000 }, 150_000);
    await shown.find("h1");
    expect(used.mock.calls).toEqual([["1", 1_000_000]]);
    time.now = 1_149_999;
    await expect(shown.find("h1")).resolves.toMatchObject({ id: "1" });
  });

  it("begins with now where it was never used", async () => {
    const { shown, time } = open({}, 1);
    time.now += 10_000_000;
    await expect(shown.find("h1")).resolves.toMatchObject({ id: "1" });
  });
});

it("is noted as used once a minute, from what is stored on", async () => {
  const { shown, used, time } = open({ usedAt: 999_000 });
  await shown.find("h1");
  expect(used).not.toHaveBeenCalled();
  time.now = 1_059_000;
  await shown.find("h1");
  await shown.find("h1");
  expect(used.mock.calls).toEqual([["1", 1_059_000]]);
});

it("is looked up anew where it has changed, and what is open by it goes on", async () => {
  const { shown, findByHash } = open();
  await shown.find("h1");
  using held = shown.hold(credential);
  shown.lookAgain("h1");
  await shown.find("h1");
  expect([findByHash.mock.calls.length, held.signal.aborted]).toEqual([2, false]);
});

it("is kept of a thousand, and of no more: then all are looked up again, once", async () => {
  const { shown, findByHash, findMany } = open();
  await findMany(1000);
  await findMany(1000);
  expect(findByHash).toHaveBeenCalledTimes(1000);
  await shown.find("h1000");
  await shown.find("h1000");
  expect(findByHash).toHaveBeenCalledTimes(1001);
  await shown.find("h0");
  expect(findByHash).toHaveBeenCalledTimes(1002);
});

it("remembers the last uses of a thousand, and of no more", async () => {
  const { shown, used, findMany, time } = open();
  await findMany(1000);
  time.now += 3000;
  await findMany(1000);
  expect(used).toHaveBeenCalledTimes(1000);
  await shown.find("h1000");
  await shown.find("h0");
  expect(used).toHaveBeenCalledTimes(1002);
});

it("remembers of a thousand that they are there, and of no more", async () => {
  const { shown, existing, findMany } = open();
  shown.forget("another");
  await findMany(1000);
  using sound = shown.hold(credential);
  expect([existing.mock.calls.length, sound.signal.aborted]).toEqual([0, false]);
  await shown.find("h1000");
  using again = shown.hold(credential);
  expect([existing.mock.calls.length, again.signal.aborted]).toEqual([1, false]);
});

it("holds what is open no longer than it is open", async () => {
  const { shown, existing } = open();
  const held = shown.hold({ ...credential, expiresAt: 1_000_020 });
  held[Symbol.dispose]();
  const other = shown.hold({ ...credential, kind: "token" });
  other[Symbol.dispose]();
  shown.forget("1");
  await shown.reload();
  expect(existing).not.toHaveBeenCalled();
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect([held.signal.aborted, other.signal.aborted]).toEqual([false, false]);
});

it("looks up again what may have been revoked by another process, whether or not something is open by it", async () => {
  const { shown, gone } = open();
  await shown.find("h1");
  gone.add("1");
  await expect(shown.find("h1")).resolves.toMatchObject({ id: "1" });
  await shown.reload();
  await expect(shown.find("h1")).rejects.toThrow("the session is not known");
});

describe("what somebody else vouches for", () => {
  it("is open until its end, and not a moment less", async () => {
    vi.useFakeTimers({ now: 1_000_000 });
    try {
      using held = holdToEnd({ kind: "introspection", id: "1", expiresAt: 1_002_000 }, Date.now);
      await vi.advanceTimersByTimeAsync(1999);
      expect(held.signal.aborted).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      expect(held.signal.reason).toMatchObject({ message: "Cannot authenticate: the token has expired" });
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([
    { kind: "introspection", id: "1" },
    { kind: "session", id: "1", expiresAt: 5 },
  ] as const)("is open for as long as it likes as %j", async (of) => {
    using held = holdToEnd(of, () => 1_000_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(held.signal.aborted).toBe(false);
  });
});
