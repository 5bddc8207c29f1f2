import { constants } from "node:os";
import { describe, expect, it } from "vitest";
import { EngineError } from "../../../src/engines/engine.ts";
import { patienceMs, type EngineBench } from "../../support/engine-bench.ts";

/** Among them those that runtimes and shells use for themselves: 125 to 128, and 128 + a signal. */
const codes = [0, 1, 2, 42, 125, 126, 127, 128, 129, 137, 139, 143, 254, 255];
const signals = [
  "SIGHUP",
  "SIGINT",
  "SIGABRT",
  "SIGKILL",
  "SIGSEGV",
  "SIGPIPE",
  "SIGTERM",
  "SIGUSR1",
] as const;

export function describeEnding(bench: EngineBench): void {
  const { engine, subject } = bench;

  describe("the end of a job", () => {
    it.each(codes)("is reported with exit code %i", async (code) => {
      const { exit } = await bench.run(subject.commands.exit(code));
      expect(exit).toMatchObject({ code, signal: null, verdict: null });
    });

    it.each(signals)("is reported with signal %s", async (signal) => {
      const { exit } = await bench.run(subject.commands.die(signal));
      const inCode = { code: 128 + constants.signals[signal], signal: null };
      const isInCode = !subject.tellsSignals && exit.code !== null;
      expect(exit).toMatchObject(isInCode ? inCode : { code: null, signal });
      expect(exit.verdict).toBeNull();
    });

    it("blames a missing program on the job, and tells it from a program that exits with 127", async () => {
      const launch = bench.newLaunch(subject.commands.missing());
      const blame = await engine.start(launch, AbortSignal.timeout(patienceMs)).then(
        async () => (await bench.wait(launch)).verdict?.kind,
        (error: unknown) => error instanceof EngineError && error.blame === "job" && "command_failed",
      );
      expect(blame).toBe("command_failed");
      await engine.destroy(launch.handle);
    });

    it("is told to two who wait, and again to one who asks later", async () => {
      const launch = await bench.start(subject.commands.exit(5));
      const [first, second] = await Promise.all([bench.wait(launch), bench.wait(launch)]);
      const later = await bench.wait(launch);
      expect([first, second, later].map(({ code }) => code)).toEqual([5, 5, 5]);
      await engine.destroy(launch.handle);
    });

    it("carries the time at which it came", async () => {
      const before = Date.now();
      const { exit } = await bench.run(subject.commands.sleep(100));
      // A guest's clock counts in ticks of its own, so 20 ms either way prove nothing.
      expect(exit.endedAt ?? before + 80).toBeGreaterThanOrEqual(before + 80);
      expect(exit.endedAt ?? before).toBeLessThanOrEqual(Date.now() + 20);
    });

    it("leaves the job alone when one who waits gives up", async () => {
      const launch = await bench.startReady(subject.commands.exitOnTerm(4));
      const patience = new AbortController();
      const gaveUp = engine.wait(launch.handle, patience.signal);
      const reason = new Error("no more patience");
      patience.abort(reason);
      await expect(gaveUp).rejects.toBe(reason);
      await expect(engine.wait(launch.handle, patience.signal)).rejects.toBe(reason);
      await engine.stop(launch.handle, { graceMs: 30_000 });
      expect((await bench.wait(launch)).code).toBe(4);
      await engine.destroy(launch.handle);
    });

    it("comes although a process of another session still holds its output open", async () => {
      const launch = await bench.start(subject.commands.leaveDaemon());
      expect(await bench.wait(launch)).toMatchObject({ code: 0, verdict: null });
      await engine.destroy(launch.handle);
      expect(await bench.leftovers(launch.id)).toEqual([]);
    });

    it("settles for one who waits when the job is destroyed", async () => {
      const launch = await bench.startReady(subject.commands.ignoreTerm());
      const waiting = bench.wait(launch);
      await engine.destroy(launch.handle);
      expect((await waiting).code).not.toBe(0);
      expect(await bench.leftovers(launch.id)).toEqual([]);
    });
  });
}
