import { describe, expect, it } from "vitest";
import { type EngineBench, patienceMs } from "../../support/engine-bench.ts";

export function describeLifecycle(bench: EngineBench): void {
  const { engine, subject } = bench;
  const { commands } = subject;

  describe("the life of a job on the engine", () => {
    it("has one handle, known from the id alone", () => {
      const { id } = bench.newLaunch(commands.exit(0));
      expect(engine.handleFor(id)).toBe(engine.handleFor(id));
      expect(engine.handleFor(id)).not.toBe(engine.handleFor(bench.newLaunch(commands.exit(0)).id));
    });

    it("is on the list from start to destroy", async () => {
      const launch = await bench.startReady(commands.exitOnTerm(0));
      const isListed = async (): Promise<boolean> =>
        (await engine.list()).some(({ handle }) => handle === launch.handle);
      expect(await isListed()).toBe(true);
      await engine.destroy(launch.handle);
      expect(await isListed()).toBe(false);
    });

    it("has figures while it lasts, and none after", async () => {
      const launch = await bench.startReady(commands.exitOnTerm(0));
      expect(await engine.stats(launch.handle)).not.toBeNull();
      await engine.destroy(launch.handle);
      expect(await engine.stats(launch.handle)).toBeNull();
    });

    it("can be destroyed twice, also at once, also while it runs", async () => {
      const launch = await bench.startReady(commands.ignoreTerm());
      await Promise.all([engine.destroy(launch.handle), engine.destroy(launch.handle)]);
      await expect(engine.destroy(launch.handle)).resolves.toBeUndefined();
      expect(await bench.leftovers(launch.id)).toEqual([]);
    });

    it("can be destroyed though it never began", async () => {
      const { handle } = bench.newLaunch(commands.exit(0));
      await expect(engine.destroy(handle)).resolves.toBeUndefined();
    });

    it("does not begin once the start was called off", async () => {
      const launch = bench.newLaunch(commands.print({ stdout: "began" }));
      const reason = new Error("called off");
      await expect(engine.start(launch, AbortSignal.abort(reason))).rejects.toBe(reason);
      expect(await engine.recover(launch.handle)).toEqual({ kind: "never-started" });
      await engine.destroy(launch.handle);
      expect(bench.stdoutOf(launch).toString()).toBe("");
      expect(await bench.leftovers(launch.id)).toEqual([]);
    });

    it("does not begin before it is stored", async () => {
      const stored = Promise.withResolvers<void>();
      const launch = { ...bench.newLaunch(commands.print({ stdout: "began" })), stored: stored.promise };
      const started = engine.start(launch, AbortSignal.timeout(patienceMs));
      const other = await bench.run(commands.print({ stdout: "another" }));
      expect(other.stdout.toString()).toBe("another");
      expect(await engine.list()).toEqual([]);
      expect(bench.stdoutOf(launch).toString()).toBe("");
      stored.resolve();
      await started;
      expect(await bench.wait(launch)).toMatchObject({ code: 0 });
      expect(bench.stdoutOf(launch).toString()).toBe("began");
      await engine.destroy(launch.handle);
    });

    it("leaves nothing where it was not stored", async () => {
      const stored = Promise.reject(new Error("not stored"));
      stored.catch(() => undefined);
      const launch = { ...bench.newLaunch(commands.print({ stdout: "began" })), stored };
      await expect(engine.start(launch, AbortSignal.timeout(patienceMs))).rejects.toThrow("not stored");
      expect(await engine.recover(launch.handle)).toEqual({ kind: "never-started" });
      expect(bench.stdoutOf(launch).toString()).toBe("");
      expect(await bench.leftovers(launch.id)).toEqual([]);
    });

    it("leaves nothing on the host", async () => {
      const launch = await bench.start(commands.save({ "some/file": "x" }), { stdin: Buffer.from("x") });
      await bench.wait(launch);
      expect(await bench.leftovers(launch.id), "the probe must see what is there").not.toEqual([]);
      await engine.destroy(launch.handle);
      expect(await bench.leftovers(launch.id)).toEqual([]);
    });

    it("is one of many at once, each with its own output and end", async () => {
      const lives = Array.from({ length: 30 }, (_, n) => bench.run(commands.print({ stdout: `job ${n}\n` })));
      const ended = await Promise.all(lives);
      expect(ended.map(({ stdout }) => stdout.toString())).toEqual(ended.map((_, n) => `job ${n}\n`));
      expect(ended.every(({ exit }) => exit.code === 0 && exit.verdict === null)).toBe(true);
      expect(await engine.list()).toEqual([]);
    });
  });
}
