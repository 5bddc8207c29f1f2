import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine, Launch } from "../../../src/engines/engine.ts";
import { launchOn, patienceMs, type EngineBench } from "../../support/engine-bench.ts";
import type { CommandLine } from "../../support/engine-subject.ts";
import { startAndCrash } from "../../support/start-and-crash.ts";
import { tempFolder, type TempFolder } from "../../support/temp-folder.ts";
import { until } from "../../support/until.ts";

/** Each job is started by a process that is killed without a word; then the engine is opened anew. */
export function describeRecovery(bench: EngineBench): void {
  const { subject, engine: naming } = bench;
  const { commands } = subject;

  describe("after a crash of the server", () => {
    let folder: TempFolder;
    let root: string;
    let jobs: ReturnType<typeof jobsOf>;
    let engine: Engine;

    function jobsOf(below: string) {
      const on = (line: CommandLine): Launch => launchOn(naming, { line, root: below });
      return {
        running: on(commands.exitOnTerm(6)),
        ending: on(commands.sleep(2500)),
        ended: on(commands.exit(9)),
        printed: on(commands.bytes(100_000)),
        lost: on(commands.ignoreTerm()),
      };
    }

    beforeAll(async () => {
      folder = tempFolder();
      root = folder.path;
      jobs = jobsOf(root);
      await startAndCrash(
        { subject, root },
        {
          launches: Object.values(jobs),
          whenStarted: () =>
            until(() => isReady(bench, jobs), { what: "the jobs at work", timeoutMs: patienceMs }),
        },
      );
      engine = await subject.open(root);
    }, 2 * patienceMs);

    afterAll(async () => {
      for (const { handle } of await engine.list()) await engine.destroy(handle);
      await engine[Symbol.asyncDispose]();
      await subject.remove(root);
      await folder[Symbol.asyncDispose]();
    }, patienceMs);

    const waitFor = (launch: Launch) => engine.wait(launch.handle, AbortSignal.timeout(patienceMs));

    it("a job that was never started is known as that", async () => {
      const { handle } = launchOn(naming, { line: commands.exit(0), root });
      expect(await engine.recover(handle)).toEqual({ kind: "never-started" });
    });

    it("a job that goes on is found and obeys", async () => {
      const { handle } = jobs.running;
      expect(await engine.recover(handle)).toEqual({
        kind: "found",
        startedAt: expect.any(Number) as number,
        ageMs: expect.any(Number) as number,
        ended: false,
      });
      expect(await engine.stop(handle, { graceMs: 30_000 })).toEqual({ forced: false });
      expect(await waitFor(jobs.running)).toMatchObject({ code: 6, verdict: null });
      expect(bench.stdoutOf(jobs.running).toString()).toBe("ready\n");
    });

    it("a job that had ended before tells how", async () => {
      expect(await engine.recover(jobs.ended.handle)).toEqual({
        kind: "found",
        startedAt: expect.any(Number) as number,
        ageMs: expect.any(Number) as number,
        ended: true,
      });
      const { ageMs } = (await engine.recover(jobs.ended.handle)) as { ageMs: number };
      expect(ageMs).toBeGreaterThan(0);
      expect(ageMs).toBeLessThan(performance.now() + 1000);
      expect(await waitFor(jobs.ended)).toMatchObject({ code: 9, signal: null, verdict: null });
    });

    it("a job that goes on to its end has all its output, once", async () => {
      expect(await engine.recover(jobs.ending.handle)).toEqual({
        kind: "found",
        startedAt: expect.any(Number) as number,
        ageMs: expect.any(Number) as number,
        ended: expect.any(Boolean) as boolean,
      });
      expect(await waitFor(jobs.ending)).toMatchObject({ code: 0, verdict: null });
      expect(bench.stdoutOf(jobs.ending).toString()).toBe("ready\ndone\n");
      expect(await waitFor(jobs.printed)).toMatchObject({ code: 0 });
      expect(bench.stdoutOf(jobs.printed).byteLength).toBe(100_000);
    });

    it("a job whose end nobody saw is lost, and its tree gone", async () => {
      expect(await engine.recover(jobs.lost.handle)).toEqual({
        kind: "found",
        startedAt: expect.any(Number) as number,
        ageMs: expect.any(Number) as number,
        ended: false,
      });
      const waiting = waitFor(jobs.lost);
      await subject.lose(root, { id: jobs.lost.id, engine });
      expect((await waiting).verdict?.kind).toBe("lost");
      const { startedAt } = (await engine.recover(jobs.lost.handle)) as { startedAt: number };
      expect(await engine.recover(jobs.lost.handle)).toMatchObject({ kind: "lost" });
      expect(startedAt).toBeGreaterThan(0);
    });

    it("the engine lists them all, and destroys them to the last trace", async () => {
      const ids = Object.values(jobs).map(({ id }) => id);
      expect((await engine.list()).map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
      for (const { handle } of await engine.list()) await engine.destroy(handle);
      expect(await engine.list()).toEqual([]);
      for (const id of ids) expect(await subject.leftovers(root, id)).toEqual([]);
    });
  });
}

function isReady(bench: EngineBench, { running, ending, printed, lost }: Record<string, Launch>): boolean {
  const announced = [running, ending, lost].every(
    (launch) => launch && bench.stdoutOf(launch).includes("ready\n"),
  );
  return announced && printed !== undefined && bench.stdoutOf(printed).byteLength === 100_000;
}
