import { setImmediate } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import type { BindingStore } from "../store/store.ts";
import { followAccess } from "./follow-access.ts";
import { Quotas } from "../core/queue/quota.ts";
import { Locks } from "./locks.ts";
import { Roles } from "./roles.ts";

const tokens = { reload: async () => undefined };
const sessions = tokens;
const accounts = tokens;
const groups = tokens;
const roles = { list: async () => [] };
const groupStore = { memberships: async () => [] };
const accountStore = { list: async () => [] };
const bindings: BindingStore = {
  list: async () => [],
  insert: async (binding) => binding,
  delete: async () => false,
};

it("reads at once, and once more for all that changes while it reads, and reports what it could not read", async () => {
  let tell = (): void => {};
  const stop = vi.fn<() => void>();
  const names: string[][] = [[], ["ann"]];
  const list = vi.fn<() => Promise<{ name: string; lockedAt: number }[]>>(async () => {
    // More is told of while the first answer is under way.
    if (names.length === 2) [tell, tell, tell].forEach((again) => again());
    const found = names.shift();
    if (found === undefined) throw new Error("it is away");
    return found.map((name) => ({ name, lockedAt: 1 }));
  });
  const subscribeAccess = (listener: () => void): (() => void) => {
    tell = listener;
    return stop;
  };
  const locks = new Locks();
  const reports: string[] = [];
  const store = {
    subscribeAccess,
    locks: { list, lock: async () => {}, unlock: async () => {} },
    bindings,
    accounts: accountStore,
    roles,
    groups: groupStore,
    quotas: { list: async () => [] },
  };
  {
    using _ = followAccess({
      store,
      locks,
      roles: new Roles([]),
      tokens,
      sessions,
      accounts,
      groups,
      quotas: new Quotas(),
      revocations: null,
      report: (what) => reports.push(what),
    });
    await vi.waitFor(() => expect(locks.isLocked({ name: "ann", roles: ["developer"] })).toBe(true));
    expect(list).toHaveBeenCalledTimes(2);
    tell();
    await vi.waitFor(() => expect(reports[0]).toBe("Cannot read who is locked out, it is tried again"));
  }
  expect(stop).toHaveBeenCalledOnce();
});

it("reads again what it could not read until it can, without being told, and each of the two by itself", async () => {
  const failing = (most: number): ReturnType<typeof vi.fn<() => Promise<void>>> => {
    let tries = 0;
    return vi.fn<() => Promise<void>>(async () => {
      if ((tries += 1) <= most) throw new Error("too many connections");
    });
  };
  const list = vi.fn<() => Promise<{ name: string; lockedAt: number }[]>>(async () => {
    if (list.mock.calls.length <= 2) throw new Error("too many connections");
    return [{ name: "ann", lockedAt: 1 }];
  });
  const revocations = { reload: failing(1) };
  const locks = new Locks();
  const reports: string[] = [];
  const store = {
    subscribeAccess: () => () => undefined,
    locks: { list, lock: async () => {}, unlock: async () => {} },
    bindings,
    accounts: accountStore,
    roles,
    groups: groupStore,
    quotas: { list: async () => [] },
  };
  using _ = followAccess({
    store,
    locks,
    roles: new Roles([]),
    tokens,
    sessions,
    accounts,
    groups,
    quotas: new Quotas(),
    revocations,
    report: (what) => reports.push(what),
  });
  using held = locks.hold({ name: "ann", roles: ["developer"] });
  await vi.waitFor(() => expect(held.signal.aborted).toBe(true), { timeout: 30_000 });
  expect(revocations.reload).toHaveBeenCalledTimes(3);
  expect(reports.toSorted()).toEqual([
    "Cannot read which certificates are revoked, it is tried again",
    "Cannot read who is locked out, it is tried again",
    "Cannot read who is locked out, it is tried again",
  ]);
});

it("reads all that says who may do what from where it is stored, and then waits to be told", async () => {
  const read: string[] = [];
  const taken: Record<string, unknown> = {};
  const from = (what: string) => async (stored?: () => Promise<unknown>) => {
    read.push(what);
    if (stored) taken[what] = await stored();
  };
  const revocations = { reload: from("revocations") };
  let tell = (): void => {};
  using _ = followAccess({
    store: {
      subscribeAccess: (listener) => {
        tell = listener;
        return () => undefined;
      },
      locks: {
        list: async () => [{ name: "ann", lockedAt: 1 }],
        lock: async () => {},
        unlock: async () => {},
      },
      bindings,
      accounts: { list: async () => ["account"] as never },
      roles,
      groups: { memberships: async () => ["membership"] as never },
      quotas: { list: async () => ["quota"] as never },
    },
    locks: { reload: from("locks") },
    roles: { reload: from("roles") },
    tokens: { reload: from("tokens") },
    sessions: { reload: from("sessions") },
    accounts: { reload: from("accounts") },
    groups: { reload: from("groups") },
    quotas: { reload: from("quotas") },
    revocations,
    report: (what, error) => expect.fail(`${what}: ${String(error)}`),
  });
  const all = ["locks", "roles", "tokens", "sessions", "groups", "quotas", "accounts", "revocations"];
  await vi.waitFor(() => expect(read).toEqual(all));
  await setImmediate();
  expect(taken).toEqual({
    locks: ["ann"],
    roles: { roles: [], bindings: [] },
    groups: ["membership"],
    quotas: ["quota"],
    accounts: ["account"],
  });
  tell();
  await vi.waitFor(() => expect(read).toEqual([...all, ...all]));
});
