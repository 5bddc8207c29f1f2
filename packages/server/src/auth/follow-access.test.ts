import { expect, it, vi } from "vitest";
import { followAccess } from "./follow-access.ts";
import { Locks } from "./locks.ts";

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
  const store = { subscribeAccess, locks: { list, lock: async () => {}, unlock: async () => {} } };
  {
    using _ = followAccess({ store, locks, revocations: null, report: (what) => reports.push(what) });
    await vi.waitFor(() => expect(locks.isLocked({ name: "ann", role: "user" })).toBe(true));
    expect(list).toHaveBeenCalledTimes(2);
    tell();
    await vi.waitFor(() => expect(reports).toEqual(["Cannot read who is locked out"]));
  }
  expect(stop).toHaveBeenCalledOnce();
});
