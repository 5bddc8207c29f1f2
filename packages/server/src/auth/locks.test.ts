import { expect, it } from "vitest";
import { Locks } from "./locks.ts";

const ann = { name: "ann", roles: ["developer"] } as const;

it("are as they are stored after another process has changed them, and end what is open", async () => {
  const locks = new Locks(["bob"]);
  using held = locks.hold(ann);
  await locks.reload(async () => ["ann"]);
  expect(held.signal.aborted).toBe(true);
  expect([locks.isLocked(ann), locks.isLocked({ ...ann, name: "bob" })]).toEqual([true, false]);
});

it("meet a name however it is written, but never the keeper", async () => {
  const locks = new Locks(["ANN"]);
  expect(locks.isLocked(ann)).toBe(true);
  await locks.reload(async () => ["Ａnn", "ADMIN"]);
  expect(locks.isLocked(ann)).toBe(true);
  expect(locks.isLocked({ name: "admin", roles: ["admin"] })).toBe(false);
  expect([locks.set("aNN", false), locks.isLocked(ann)]).toEqual([true, false]);
});

it("tell an account by which command it is unlocked, and a certificate's holder by which", () => {
  const locks = new Locks(["ann"]);
  const fixOf = (roles: readonly string[]): unknown => {
    using held = locks.hold({ name: "ann", roles });
    return held.signal.reason;
  };
  expect(fixOf(["self"])).toMatchObject({
    fix: expect.stringContaining("`berth user unlock ann`") as string,
  });
  expect(fixOf(["developer"])).toMatchObject({
    fix: expect.stringContaining("`berth cert unlock ann`") as string,
  });
});

it("keep what is set while the stored ones are read: what was read is older", async () => {
  const locks = new Locks();
  let reads = 0;
  await locks.reload(async () => {
    reads += 1;
    if (reads > 1) return ["ann"];
    locks.set("ann", true);
    return [];
  });
  expect([reads, locks.isLocked(ann)]).toEqual([2, true]);
});
