import { describe, expect, it } from "vitest";
import type { StoreBench } from "../../support/store-bench.ts";

export function describeInspecting(use: () => StoreBench): void {
  describe("a look at the database", () => {
    it("tells its version, its migrations, who has it, what it takes, and on what it hangs that it lasts", async () => {
      const report = await use().store.inspect();
      const isOwn = report.kind === "sqlite" ? "SQLite" : "PostgreSQL";
      expect(report).toMatchObject({
        failure: null,
        version: expect.stringMatching(`^${isOwn} \\d+\\.\\d`) as string,
      });
      expect(report.migrations?.applied).toHaveLength(report.migrations?.known ?? -1);
      expect(report.migrations?.applied[0]).toBe("0001-jobs");
      expect(report.holder).toMatchObject({
        isThisServer: true,
        name: expect.stringContaining(`pid ${process.pid}`) as string,
      });
      expect(report.sizeBytes).toBeGreaterThan(4096);
      expect(report.durability.length).toBeGreaterThan(1);
      const [facts, others] =
        report.kind === "sqlite" ? [report.disk, report.connections] : [report.connections, report.disk];
      expect([typeof facts, others]).toEqual(["object", null]);
    });
  });
}
