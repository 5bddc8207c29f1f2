import { describe, expect, it } from "vitest";
import type { EngineBench } from "../../support/engine-bench.ts";

const longGraceMs = 30_000;

export function describeStopping(bench: EngineBench): void {
  const { engine, subject } = bench;
  const { commands } = subject;

  describe("a stop", () => {
    it("gives a job the time to end by itself, and keeps its exit code", async () => {
      const launch = await bench.startReady(commands.exitOnTerm(7));
      expect(await engine.stop(launch.handle, { graceMs: longGraceMs })).toEqual({ forced: false });
      expect(await bench.wait(launch)).toMatchObject({ code: 7, signal: null });
      await engine.destroy(launch.handle);
    });

    it("ends a job that has no handler, within the grace", async () => {
      const launch = await bench.startReady(commands.sleep(60_000));
      expect(await engine.stop(launch.handle, { graceMs: longGraceMs })).toEqual({ forced: false });
      const { code, signal } = await bench.wait(launch);
      expect(signal ?? code).toBe(signal === null ? 143 : "SIGTERM");
      expect(bench.stdoutOf(launch).toString()).toBe("ready\n");
      await engine.destroy(launch.handle);
    });

    it("is heard by a job that is still being made, which then needs no KILL", async () => {
      const launch = await bench.start(commands.sleep(600_000));
      expect(await engine.stop(launch.handle, { graceMs: longGraceMs })).toEqual({ forced: false });
      await engine.destroy(launch.handle);
    });

    it("kills a job that ignores TERM when the grace is over, and says so", async () => {
      const launch = await bench.startReady(commands.ignoreTerm());
      expect(await engine.stop(launch.handle, { graceMs: 150 })).toEqual({ forced: true });
      expect(await bench.wait(launch)).toMatchObject({ verdict: null });
      await engine.destroy(launch.handle);
    });

    it("ends what a job starts in its TERM handler", async () => {
      const launch = await bench.startReady(commands.forkOnTerm());
      await engine.stop(launch.handle, { graceMs: 150 });
      await bench.wait(launch);
      await engine.destroy(launch.handle);
      expect(await bench.leftovers(launch.id)).toEqual([]);
    });

    it("may come twice, also at once, with one end", async () => {
      const launch = await bench.startReady(commands.ignoreTerm());
      const [first, second] = await Promise.all([
        engine.stop(launch.handle, { graceMs: 100 }),
        engine.stop(launch.handle, { graceMs: 100 }),
      ]);
      expect(first.forced || second.forced).toBe(true);
      expect(await engine.stop(launch.handle, { graceMs: 100 })).toEqual({ forced: false });
      await engine.destroy(launch.handle);
    });

    it("can only be made shorter by another", async () => {
      const launch = await bench.startReady(commands.ignoreTerm());
      const patient = engine.stop(launch.handle, { graceMs: 600_000 });
      const short = engine.stop(launch.handle, { graceMs: 50 });
      const patientAgain = engine.stop(launch.handle, { graceMs: 600_000 });
      const stops = await Promise.all([patient, short, patientAgain]);
      expect(stops.some(({ forced }) => forced)).toBe(true);
      await engine.destroy(launch.handle);
    });

    it("can be made shorter again and again", async () => {
      const launch = await bench.startReady(commands.ignoreTerm());
      const graces = [600_000, 300_000, 50];
      const stops = await Promise.all(graces.map((graceMs) => engine.stop(launch.handle, { graceMs })));
      expect(stops.some(({ forced }) => forced)).toBe(true);
      await engine.destroy(launch.handle);
    });

    it("changes nothing of a job that has ended", async () => {
      const launch = await bench.start(commands.exit(3));
      await bench.wait(launch);
      expect(await engine.stop(launch.handle, { graceMs: longGraceMs })).toEqual({ forced: false });
      expect((await bench.wait(launch)).code).toBe(3);
      await engine.destroy(launch.handle);
    });

    it("of a job that was never started does nothing", async () => {
      const { handle } = bench.newLaunch(commands.exit(0));
      expect(await engine.stop(handle, { graceMs: longGraceMs })).toEqual({ forced: false });
    });

    it("ABUSE 25: that meets the end of the job leaves one end, however often it is tried", async () => {
      const lives = Array.from({ length: 24 }, async (_, n) => {
        const launch = await bench.start(commands.sleep(n * 3));
        const [exit] = await Promise.all([
          bench.wait(launch),
          engine.stop(launch.handle, { graceMs: longGraceMs }),
        ]);
        const again = await bench.wait(launch);
        await engine.destroy(launch.handle);
        return { exit, again };
      });
      for (const { exit, again } of await Promise.all(lives)) {
        expect(again).toEqual(exit);
        expect(exit.verdict).toBeNull();
        expect(["SIGTERM", 143, 0]).toContain(exit.signal ?? exit.code);
      }
    });
  });
}
