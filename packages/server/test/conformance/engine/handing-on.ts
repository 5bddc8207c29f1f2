import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { launchOn, patienceMs, type EngineBench } from "../../support/engine-bench.ts";
import { tempFolder } from "../../support/temp-folder.ts";

/** A folder that one workload leaves and the next finds, and a file of the server's as standard input. */
export function describeHandingOn(bench: EngineBench): void {
  const { commands } = bench.subject;

  describe("the folder that a workload has left", () => {
    it("is the folder of the next, whose files belong to it, and goes with the one that made it", async () => {
      const first = await bench.start(commands.save({ "a/b": "made before", c: "and" }));
      await bench.wait(first);
      const work = { kind: "left-by", handle: first.handle } as const;
      const second = await bench.start(commands.save({ c: "changed", d: "made after" }), { work });
      expect(await bench.wait(second)).toMatchObject({ code: 0, verdict: null });
      await bench.engine.destroy(second.handle);
      for (const [path, text] of [
        ["a/b", "made before"],
        ["c", "changed"],
        ["d", "made after"],
      ] as const) {
        const { exit, stdout } = await bench.run(commands.printFile(path), { work });
        expect([path, exit.code, stdout.toString()]).toEqual([path, 0, text]);
      }
      await bench.engine.destroy(first.handle);
      expect(await bench.leftovers(first.id)).toEqual([]);
      expect(await bench.leftovers(second.id)).toEqual([]);
    });

    it("is looked into without a way out of it", async () => {
      const first = await bench.start(commands.saveStrangeFiles());
      await bench.wait(first);
      const work = { kind: "left-by", handle: first.handle } as const;
      const launch = bench.newLaunch(commands.printFile("symlink"), { work });
      const exit = await bench.engine.start(launch, AbortSignal.timeout(patienceMs)).then(
        () => bench.wait(launch),
        () => null,
      );
      expect(exit?.code).not.toBe(0);
      expect(bench.stdoutOf(launch).toString()).toBe("");
      await bench.engine.destroy(launch.handle);
      await bench.engine.destroy(first.handle);
    });

    it("is found by the next also under another server, with the bounds that it has", async () => {
      await using folder = tempFolder();
      const root = folder.path;
      const { subject } = bench;
      const signal = AbortSignal.timeout(patienceMs);
      const before = await subject.open(root);
      const first = launchOn(before, { line: commands.save({ kept: "across" }), root });
      await before.start(first, signal);
      await before.wait(first.handle, signal);
      await before[Symbol.asyncDispose]();
      const after = await subject.open(root);
      try {
        expect(await after.recover(first.handle)).toMatchObject({ kind: "found", ended: true });
        const work = { kind: "left-by", handle: first.handle } as const;
        const second = launchOn(after, { line: commands.printFile("kept"), root, overrides: { work } });
        await after.start(second, signal);
        expect(await after.wait(second.handle, signal)).toMatchObject({ code: 0 });
        expect(readFileSync(second.output.stdout, "utf8")).toBe("across");
        const collected = join(root, "collected");
        mkdirSync(collected);
        await after.collect(second.handle, { paths: ["kept"], into: collected, maxBytes: 100, maxFiles: 1 });
        expect(readdirSync(collected)).toEqual(["kept"]);
      } finally {
        for (const { handle } of await after.list()) await after.destroy(handle);
        await after[Symbol.asyncDispose]();
        await subject.remove(root);
      }
    });
  });

  it("gives a workload a file of the server's to read, as bytes and not as a place", async () => {
    await using folder = tempFolder();
    const file = join(folder.path, "upload");
    writeFileSync(file, "from a file", { mode: 0o600 });
    const { exit, stdout } = await bench.run(commands.copyStdin(), { stdin: { file } });
    expect([exit.code, stdout.toString()]).toEqual([0, "from a file"]);
    expect(readFileSync(file, "utf8")).toBe("from a file");
  });
}
