import { describe, expect, it } from "vitest";
import type { SecretVersion, StoredSecret } from "../../../src/store/secret-store.ts";
import type { StoreBench } from "../../support/store-bench.ts";

const version = (id: string, name = "db", source: SecretVersion["source"] = "stored"): SecretVersion => {
  return { id, name, source, keyId: "k1", dataKey: "v1.d", sealed: "v1.s", createdAt: 2 ** 40 };
};
const secret = (current: string, name = "db"): StoredSecret => {
  return { name, version: 1, current, keys: ["a", "b"], createdAt: 2 ** 40, updatedAt: 2 ** 40 };
};

export function describeSecrets(use: () => StoreBench): void {
  describe("secrets", () => {
    it("are kept once by a name, changed from what they are, and deleted with their versions", async () => {
      const { secrets } = use().store;
      expect(await secrets.insert(secret("v1"), version("v1"))).toBe(true);
      expect(await secrets.insert(secret("v2"), version("v2"))).toBe(false);
      expect([await secrets.get("db"), await secrets.version("v1")]).toStrictEqual([
        secret("v1"),
        version("v1"),
      ]);
      expect(await secrets.version("v2")).toBeNull();
      const change = { from: "v1", to: version("v3"), keys: ["c"], at: 7 };
      expect(await secrets.update("db", change)).toBe(true);
      expect(await secrets.update("db", { ...change, to: version("v4") })).toBe(false);
      expect(await secrets.list()).toStrictEqual([
        { ...secret("v3"), version: 2, keys: ["c"], updatedAt: 7 },
      ]);
      expect(await secrets.version("v1")).toBeNull();
      expect([await secrets.delete("db"), await secrets.delete("db")]).toEqual([true, false]);
      expect([await secrets.version("v3"), await secrets.get("db")]).toEqual([null, null]);
    });

    it("keep what jobs have, also when the secret has another version or is gone", async () => {
      const { store } = use();
      const { secrets } = store;
      await secrets.insert(secret("w1"), version("w1"));
      const job = await use().insert({}, { secrets: [{ name: "db", version: "w1" }] });
      expect([await secrets.ofJob(job.id), await secrets.users("db", 5)]).toEqual([
        [{ name: "db", version: "w1" }],
        [job.id],
      ]);
      await secrets.update("db", { from: "w1", to: version("w2"), keys: [], at: 7 });
      expect(await secrets.version("w1")).not.toBeNull();
      expect(await secrets.delete("db")).toBe(false);
      await use().move(job.id, "canceled");
      expect([await secrets.users("db", 5), await secrets.delete("db")]).toEqual([[], true]);
      expect([await secrets.version("w1"), await secrets.version("w2")]).toEqual([version("w1"), null]);
      await store.jobs.delete(job.id);
      await secrets.prune();
      expect(await secrets.version("w1")).toBeNull();
    });

    it("are not given to a job once the version is gone: nothing of the job is stored", async () => {
      const { secrets } = use().store;
      await expect(use().insert({}, { secrets: [{ name: "db", version: "gone" }] })).rejects.toThrow(
        "secret-changed",
      );
      expect(await secrets.users("db", 5)).toEqual([]);
    });

    it("are sealed anew by another key, unless somebody was faster", async () => {
      const { secrets } = use().store;
      await secrets.keepMounted(version("x1", "files", "files"));
      expect(await secrets.lastMounted("files")).toStrictEqual(version("x1", "files", "files"));
      await secrets.insert(secret("x2", "two"), version("x2", "two"));
      expect(await secrets.lastMounted("files")).toBeNull();
      expect((await secrets.sealedOtherwise("k2", 9)).map(({ id }) => id)).toEqual(["x2"]);
      const to = { keyId: "k2", dataKey: "v1.e", sealed: "v1.s" };
      await secrets.reseal("x2", { from: "k0", to });
      expect(await secrets.keyIds()).toEqual(["k1"]);
      await secrets.reseal("x2", { from: "k1", to });
      expect([await secrets.version("x2"), await secrets.keyIds()]).toEqual([
        { ...version("x2", "two"), ...to },
        ["k2"],
      ]);
      expect(await secrets.sealedOtherwise("k2", 9)).toEqual([]);
      await secrets.delete("two");
    });
  });
}
