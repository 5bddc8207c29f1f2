import { describe, expect, it, vi } from "vitest";
import type { Caller } from "../core/caller/caller.ts";
import type { Access } from "./access.ts";
import { Locks, withLocks } from "./locks.ts";

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

describe("what is asked of a server that locks somebody out", () => {
  const caller: Caller = {
    principal: ann,
    groups: [],
    door: "rest",
    credential: { kind: "token", id: "t1" },
    address: "192.0.2.1",
    requestId: "r1",
  };
  const read = { resource: "jobs", verb: "read" } as const;
  const questions: ((access: Access) => Promise<unknown>)[] = [
    (access) => access.enter(caller, read),
    (access) => access.demand(caller, read),
    (access) => access.allows(caller, read, { owner: "bob" }),
    (access) => access.listed(caller, read),
    (access) => access.demandHeld(caller, read, []),
  ];
  const open = () => {
    const asked = vi.fn<(what: string) => unknown>((what) => what);
    const inner: Access = {
      enter: async () => void asked("enter"),
      demand: async () => void asked("demand"),
      allows: async () => asked("allows") === "allows",
      listed: async () => String(asked("listed")),
      demandHeld: async () => void asked("demandHeld"),
      isKeeper: (principal) => asked("isKeeper") === "isKeeper" && principal === ann,
    };
    const locks = new Locks();
    return { asked, locks, access: withLocks(inner, locks) };
  };

  it("is answered as ever for whoever is not", async () => {
    const { access, asked } = open();
    const answers = await Promise.all(questions.map((ask) => ask(access)));
    expect(answers).toEqual([undefined, undefined, true, "listed", undefined]);
    expect(asked.mock.calls.flat()).toEqual(["enter", "demand", "allows", "listed", "demandHeld"]);
    expect(access.isKeeper(ann)).toBe(true);
  });

  it("is refused by name, and never comes further, for whoever is", async () => {
    const { access, asked, locks } = open();
    locks.set("ann", true);
    for (const ask of questions)
      await expect(ask(access)).rejects.toMatchObject({
        code: "FORBIDDEN",
        message: 'Cannot go on: "ann" is locked',
      });
    expect(asked).not.toHaveBeenCalled();
  });
});

it("say whether something has changed, end what is open of that one alone, and forget what is let go of", () => {
  const locks = new Locks();
  using of = locks.hold(ann);
  using other = locks.hold({ ...ann, name: "bob" });
  const gone = locks.hold(ann);
  gone[Symbol.dispose]();
  expect([locks.held, locks.set("ann", true), locks.set("ann", true)]).toEqual([2, true, false]);
  expect([of, other, gone].map(({ signal }) => signal.aborted)).toEqual([true, false, false]);
  expect(() => locks.check(ann)).toThrow('"ann" is locked');
  expect([locks.set("ann", false), locks.set("ann", false)]).toEqual([true, false]);
  expect(() => locks.check(ann)).not.toThrow();
});
