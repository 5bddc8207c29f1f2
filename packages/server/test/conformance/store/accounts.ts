import { describe, expect, it } from "vitest";
import type { NewAccount } from "../../../src/store/account-store.ts";
import { noInputs, sampleJob } from "../../support/sample-job.ts";
import type { StoreBench } from "../../support/store-bench.ts";

const named = (name: string, rest: Partial<NewAccount> = {}): NewAccount => ({
  id: `id-${name.toWellFormed()}`,
  name,
  key: name.toLowerCase(),
  display: null,
  createdAt: 1,
  password: null,
  identity: null,
  ...rest,
});

export function describeAccounts(use: () => StoreBench): void {
  describe("accounts", () => {
    it("are found by the key of their name, and listed by it, without their passwords", async () => {
      const { accounts } = use().store;
      const password = { hash: "$argon2id$x", at: 5, mustChange: true };
      expect(await accounts.insert(named("Zoë\ud800", { display: "Zo\0ë", password }))).toBe(true);
      expect(await accounts.insert(named("Ann"))).toBe(true);
      const zoe = await accounts.find("zoë\ud800");
      expect(zoe).toStrictEqual({
        id: "id-Zoë\ufffd",
        name: "Zoë\ud800",
        key: "zoë\ud800",
        display: "Zo\0ë",
        createdAt: 1,
        deletedAt: null,
        passwordAt: 5,
        mustChange: true,
      });
      expect(await accounts.findPassword("zoë\ud800")).toStrictEqual({ account: zoe, hash: "$argon2id$x" });
      expect([await accounts.find("an"), await accounts.find("Ann")]).toEqual([null, null]);
      expect(JSON.stringify(await accounts.list())).not.toContain("argon2id");
    });

    it("have a name once, also of two at the same time, and also when they are deleted", async () => {
      const { accounts } = use().store;
      const both = await Promise.all([
        accounts.insert(named("bob", { id: "b1" })),
        accounts.insert(named("BOB", { id: "b2" })),
      ]);
      expect(both.filter(Boolean)).toHaveLength(1);
      const { id = "" } = (await accounts.find("bob")) ?? {};
      expect(await accounts.delete({ id, name: "bob" }, 9)).toBe(true);
      expect(await accounts.insert(named("Bob", { id: "b3" }))).toBe(false);
      expect(await accounts.find("bob")).toMatchObject({ id, deletedAt: 9 });
      expect(await accounts.restore({ id, name: "bob" })).toBe(true);
      expect(await accounts.find("bob")).toMatchObject({ id, deletedAt: null });
    });

    it("are stored with what is given to them, or not at all", async () => {
      const { accounts, bindings } = use().store;
      const roles = new Map([
        ["viewer", "f1"],
        ["operator", "f2"],
      ]);
      await bindings.insert({ id: "f0", role: "viewer", kind: "user", subject: "fay", createdAt: 1 });
      expect(await accounts.insert(named("fay", { roles }))).toBe(true);
      const given = async (subject: string): Promise<string[]> =>
        (await bindings.list()).filter((each) => each.subject === subject).map(({ id }) => id);
      expect(await given("fay")).toEqual(["f0", "f2"]);
      const others = new Map([["viewer", "f3"]]);
      expect(await accounts.insert(named("FAY", { id: "f", roles: others }))).toBe(false);
      expect(await given("FAY")).toEqual([]);
      for (const id of ["f0", "f2"]) await bindings.delete(id);
    });

    it("change how they are shown, and nothing else", async () => {
      const { accounts } = use().store;
      await accounts.insert(
        named("cid", { display: "Cid", password: { hash: "x", at: 1, mustChange: true } }),
      );
      for (const display of ["C\0", null]) {
        expect(await accounts.change("id-cid", { display })).toBe(true);
        expect(await accounts.findPassword("cid")).toMatchObject({
          hash: "x",
          account: { display, mustChange: true },
        });
      }
      expect(await accounts.change("nobody", { display: "x" })).toBe(false);
    });

    it("are known to a provider by one subject, which is nobody else's", async () => {
      const { accounts } = use().store;
      const identity = { provider: "corp", subject: "S-1\0" };
      expect(await accounts.insert(named("dan", { identity }))).toBe(true);
      expect(await accounts.insert(named("eve", { identity }))).toBe(false);
      expect(await accounts.find("eve")).toBe(null);
      expect(await accounts.findIdentity(identity)).toMatchObject({ name: "dan" });
      expect(await accounts.findIdentity({ ...identity, subject: "S-1" })).toBe(null);
      await accounts.insert(named("eve"));
      expect(await accounts.link("id-eve", identity)).toBe(false);
      expect(await accounts.unlink("id-eve", identity)).toBe(false);
      expect(await accounts.unlink("id-dan", identity)).toBe(true);
      expect(await accounts.link("id-eve", identity)).toBe(true);
      expect(await accounts.identities("id-eve")).toEqual([identity]);
      expect(await accounts.identities("id-dan")).toEqual([]);
    });

    it("cannot have a name by which somebody comes already, in whatever spelling", async () => {
      const { tokens, accounts, jobs } = use().store;
      const token = {
        id: "t-held",
        hash: "h-held",
        principal: "Deploy",
        role: "user",
        label: null,
        scope: null,
      } as const;
      await tokens.insert({ ...token, createdAt: 1, expiresAt: null, usedAt: null });
      await jobs.insert({ job: sampleJob({ owner: "ci-held" }), inputs: noInputs, idempotency: null });
      expect(await accounts.isHeld("deploy", "deploy")).toBe(true);
      expect(await accounts.isHeld("DEPLOY", "deploy")).toBe(true);
      expect(await accounts.isHeld("ci-held", "ci-held")).toBe(true);
      expect(await accounts.isHeld("depl", "depl")).toBe(false);
    });
  });
}
