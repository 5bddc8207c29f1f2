import { describe, expect, it } from "vitest";
import type { ApiToken } from "../../../src/store/store.ts";
import type { StoreBench } from "../../support/store-bench.ts";

const token: ApiToken = {
  id: "t1",
  hash: "aa".repeat(32),
  principal: "alice",
  role: "user",
  createdAt: 1,
  expiresAt: null,
};

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
      expect(await tokens.findByHash(second.hash)).toStrictEqual(second);
    });

    it("refuses the same hash twice", async () => {
      const again = { ...token, id: "t4", hash: "dd".repeat(32) };
      await use().store.tokens.insert(again);
      await expect(use().store.tokens.insert({ ...again, id: "t5" })).rejects.toThrow("constraint");
    });
  });
}
