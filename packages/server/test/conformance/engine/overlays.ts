import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Launch } from "../../../src/engines/engine.ts";
import { newId } from "../../../src/lib/ids.ts";
import { type EngineBench, launchOn, patienceMs } from "../../support/engine-bench.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { lacks } from "./lacks.ts";

/** A tree as a source is: of files that anybody who gets there may change, in a folder where only the server gets. */
export function makeTree(root: string, files: Readonly<Record<string, string>>): string {
  const lower = join(root, "trees", newId());
  mkdirSync(lower, { recursive: true, mode: 0o777 });
  const mask = process.umask(0);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(lower, name, ".."), { recursive: true });
    writeFileSync(join(lower, name), text, { mode: text.startsWith("#!") ? 0o777 : 0o666 });
  }
  process.umask(mask);
  return lower;
}

/** What lies in a tree, by path. */
export function contentOf(lower: string): Record<string, string> {
  const entries = readdirSync(lower, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = entries.map(({ parentPath, name }) => join(parentPath, name)).toSorted();
  return Object.fromEntries(paths.map((path) => [path.slice(lower.length + 1), readFileSync(path, "utf8")]));
}

export const over = (lower: string): Pick<Launch, "mounts"> => ({
  mounts: [{ kind: "overlay", at: "/work", lower }],
});

/** A tree of the server's that a job finds as its folder. */
export function describeOverlays(bench: EngineBench): void {
  const { engine, subject } = bench;
  const { commands } = subject;
  const files = { "a/deep/file": "of the tree", other: "also" };

  describe.skipIf(lacks(bench, "overlays"))("a tree of the server's that a job finds as its folder", () => {
    it("is read by many jobs at once, with the input files of each beside it", async () => {
      const lower = makeTree(bench.root, files);
      const jobs = [1, 2, 3].map(async (n) => {
        const sent = { files: [{ name: "a/input", content: Buffer.from(`input ${n}`) }], ...over(lower) };
        const found = await bench.run(commands.printFile("a/deep/file"), sent);
        const own = await bench.run(commands.printFile("a/input"), sent);
        return [found.stdout, own.stdout].map(String);
      });
      expect(await Promise.all(jobs)).toEqual([1, 2, 3].map((n) => ["of the tree", `input ${n}`]));
      expect(contentOf(lower)).toEqual(files);
    });

    it("is changed by a job for itself alone, of which only that is kept", async () => {
      const lower = makeTree(bench.root, files);
      const launch = await bench.start(commands.save({ "a/deep/file": "changed", new: "made" }), over(lower));
      expect((await bench.wait(launch)).code).toBe(0);
      expect(contentOf(lower)).toEqual(files);
      const into = join(bench.root, "artifacts", newId());
      mkdirSync(into, { recursive: true });
      const kept = await engine.collect(launch.handle, {
        paths: ["**"],
        into,
        maxBytes: 1000,
        maxFiles: 100,
      });
      expect(kept.artifacts.map(({ path }) => path).toSorted()).toEqual(["a/deep/file", "new"]);
      const read = async (path: string) => (await engine.readFile(launch.handle, path, 100))?.toString();
      expect([await read("a/deep/file"), await read("other")]).toEqual(["changed", undefined]);
      const next = await bench.run(commands.printFile("a/deep/file"), over(lower));
      expect(next.stdout.toString()).toBe("of the tree");
      await engine.destroy(launch.handle);
      expect(await bench.leftovers(launch.id)).toEqual([]);
      expect(contentOf(lower)).toEqual(files);
    });

    it("is made of what a job has left, of which nothing changes afterwards", async () => {
      const made = await bench.start(commands.save({ "a/file": "made", plain: "also" }));
      await bench.wait(made);
      const lower = join(bench.root, "trees", newId());
      mkdirSync(join(lower, ".."), { recursive: true });
      expect(await engine.keepTree(made.handle, lower)).toBeGreaterThan(0);
      await expect(engine.keepTree(made.handle, lower)).rejects.toThrow(/exist/);
      await engine.destroy(made.handle);
      const next = await bench.run(commands.save({ "a/file": "changed", "a/new": "new" }), over(lower));
      expect(next.exit.code).toBe(0);
      expect(contentOf(lower)).toEqual({ "a/file": "made", plain: "also" });
      const strange = await bench.start(commands.saveStrangeFiles());
      await bench.wait(strange);
      await engine.keepTree(strange.handle, `${lower}-strange`);
      expect(Object.keys(contentOf(`${lower}-strange`))).toEqual(expect.arrayContaining(["plain"]));
      expect(readdirSync(`${lower}-strange`)).not.toContain("fifo");
      await engine.destroy(strange.handle);
    });

    it("stays with a job under the next server, and is as it was when that is gone", async () => {
      await using folder = tempFolder();
      const root = folder.path;
      const signal = AbortSignal.timeout(patienceMs);
      const before = await subject.open(root);
      const lower = makeTree(root, files);
      const launch = launchOn(before, {
        line: commands.save({ other: "changed" }),
        root,
        overrides: over(lower),
      });
      await before.start(launch, signal);
      await before.wait(launch.handle, signal);
      await before[Symbol.asyncDispose]();
      const after = await subject.open(root);
      try {
        expect(await after.recover(launch.handle)).toMatchObject({ kind: "found", ended: true });
        expect((await after.readFile(launch.handle, "other", 100))?.toString()).toBe("changed");
        await after.destroy(launch.handle);
        expect(await subject.leftovers(root, launch.id)).toEqual([]);
        expect(contentOf(lower)).toEqual(files);
      } finally {
        await after[Symbol.asyncDispose]();
        await subject.remove(root);
      }
    });
  });
}
