import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { CollectRequest } from "../../../src/engines/engine.ts";
import type { EngineBench } from "../../support/engine-bench.ts";
import { newId } from "../../../src/lib/ids.ts";

export function describeCollecting(bench: EngineBench): void {
  const { engine, subject } = bench;
  const { commands } = subject;

  function request(paths: readonly string[], overrides: Partial<CollectRequest> = {}): CollectRequest {
    const into = join(bench.root, "artifacts", newId());
    mkdirSync(into, { recursive: true });
    return { paths, into, maxBytes: 1_000_000, maxFiles: 100, ...overrides };
  }

  async function collect(files: Record<string, string>, wanted: CollectRequest) {
    const launch = await bench.start(commands.save(files));
    expect((await bench.wait(launch)).code).toBe(0);
    const collected = await engine.collect(launch.handle, wanted);
    await engine.destroy(launch.handle);
    return collected;
  }

  const pathsOf = (found: readonly { path: string }[]): string[] => found.map(({ path }) => path).toSorted();

  describe("what a job leaves", () => {
    it.each([
      { paths: ["a.txt"], kept: ["a.txt"] },
      { paths: ["*.txt"], kept: ["a.txt", "b.txt"] },
      { paths: ["out/*.csv"], kept: ["out/c.csv"] },
      { paths: ["**/*.csv"], kept: ["out/c.csv", "out/deep/er/d.csv"] },
      { paths: ["out/**"], kept: ["out/c.csv", "out/deep/er/d.csv"] },
      { paths: ["out"], kept: ["out/c.csv", "out/deep/er/d.csv"] },
      { paths: ["out/deep", "a.txt"], kept: ["a.txt", "out/deep/er/d.csv"] },
      { paths: ["*.txt", "a.txt"], kept: ["a.txt", "b.txt"] },
    ])("is kept where it matches $paths", async ({ paths, kept }) => {
      const files = { "a.txt": "A", "b.txt": "B", "out/c.csv": "C", "out/deep/er/d.csv": "D" };
      const wanted = request(paths);
      const { artifacts } = await collect(files, wanted);
      expect(pathsOf(artifacts)).toEqual(kept);
      for (const { path, size } of artifacts)
        expect(readFileSync(join(wanted.into, path)).byteLength).toBe(size);
    });

    it("is named as skipped when it is not there", async () => {
      const { artifacts, skipped } = await collect({ a: "A" }, request(["a", "nowhere"]));
      expect([pathsOf(artifacts), pathsOf(skipped)]).toEqual([["a"], ["nowhere"]]);
    });

    it("is not kept past the number of files, and the rest is named", async () => {
      const { artifacts, skipped } = await collect(
        { a: "A", b: "B", c: "C" },
        request(["*"], { maxFiles: 2 }),
      );
      expect([artifacts.length, skipped.length]).toEqual([2, 1]);
    });

    it("is not kept past the number of bytes, and the rest is named", async () => {
      const { artifacts, skipped } = await collect({ a: "AAAA", b: "BBBB" }, request(["*"], { maxBytes: 6 }));
      expect([artifacts.length, skipped.length]).toEqual([1, 1]);
      expect(artifacts.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(6);
    });

    it("ABUSE 10: is taken only from plain files: links, FIFOs and files with two names are skipped with the reason", async () => {
      const launch = await bench.start(commands.saveStrangeFiles());
      await bench.wait(launch);
      const { artifacts, skipped } = await engine.collect(launch.handle, request(["*"]));
      expect(pathsOf(artifacts)).toEqual(["plain"]);
      expect(pathsOf(skipped)).toEqual(["fifo", "hard-link-a", "hard-link-b", "symlink"]);
      for (const { reason } of skipped) expect(reason).not.toBe("");
      await engine.destroy(launch.handle);
    });

    it("can be collected again, as after a crash in between", async () => {
      const launch = await bench.start(commands.save({ "out/a": "A" }));
      await bench.wait(launch);
      const first = await engine.collect(launch.handle, request(["**"]));
      const second = await engine.collect(launch.handle, request(["**"]));
      expect([pathsOf(first.artifacts), pathsOf(second.artifacts)]).toEqual([["out/a"], ["out/a"]]);
      await engine.destroy(launch.handle);
    });

    it("can be read as a file, up to one byte past what was asked for", async () => {
      const launch = await bench.start(commands.save({ "out/a": "0123456789" }));
      await bench.wait(launch);
      const read = async (path: string, maxBytes: number): Promise<string | undefined> =>
        (await engine.readFile(launch.handle, path, maxBytes))?.toString();
      const whole = await read("out/a", 100);
      expect(whole?.trimEnd()).toBe("0123456789");
      expect((await engine.readFile(launch.handle, "out/a", 4))?.byteLength).toBe(5);
      expect(await read("nowhere", 4)).toBeUndefined();
      expect(await read("out", 4)).toBeUndefined();
      await engine.destroy(launch.handle);
    });

    it("ABUSE 10: is never read through a link, from a FIFO or from outside of its folder", async () => {
      const launch = await bench.start(commands.saveStrangeFiles());
      await bench.wait(launch);
      for (const path of ["symlink", "fifo", "../plain", "../work/plain", "/etc/passwd", "plain/../plain"]) {
        const content = await engine.readFile(launch.handle, path, 100).catch(() => null);
        expect([path, content]).toEqual([path, null]);
      }
      await engine.destroy(launch.handle);
    });
  });
}
