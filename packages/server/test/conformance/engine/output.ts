import { appendFileSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { noLimits, patienceMs, type EngineBench } from "../../support/engine-bench.ts";
import { tailOf } from "../../../src/core/output/output-record.ts";
import { lacks } from "./lacks.ts";

const none = { overLimit: null, dropped: { stdout: 0, stderr: 0 } };

/** The bytes 0 to 255, again and again. */
export function everyByte(size: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: size }, (_, n) => n & 0xff));
}

export function describeOutput(bench: EngineBench): void {
  const { engine, subject } = bench;

  describe("the output of a job", () => {
    it("arrives byte by byte as it was written, whatever the bytes are", async () => {
      const { stdout } = await bench.run(subject.commands.bytes(300_000));
      expect(stdout.equals(everyByte(300_000))).toBe(true);
    });

    it.skipIf(lacks(bench, "splitStreams"))("keeps the two streams apart", async () => {
      const { stdout, stderr } = await bench.run(subject.commands.print({ stdout: "one\n", stderr: "two" }));
      expect([stdout.toString(), stderr.toString()]).toEqual(["one\n", "two"]);
    });

    it("is nothing when the job says nothing", async () => {
      const { stdout, stderr } = await bench.run(subject.commands.exit(1));
      expect([stdout.toString(), stderr.toString()]).toEqual(["", ""]);
    });

    it("is there while the job still runs", async () => {
      const launch = await bench.startReady(subject.commands.ignoreTerm());
      expect(bench.stdoutOf(launch).toString()).toBe("ready\n");
      await engine.destroy(launch.handle);
    });

    it("is appended to what the files hold", async () => {
      const launch = bench.newLaunch(subject.commands.print({ stdout: "after\n" }));
      appendFileSync(launch.output.stdout, "before\n");
      await engine.start(launch, AbortSignal.timeout(patienceMs));
      await bench.wait(launch);
      expect(bench.stdoutOf(launch).toString()).toBe("before\nafter\n");
      await engine.destroy(launch.handle);
    });

    it("is cut at the limit while the job goes on, where it says discard", async () => {
      const limits = {
        ...noLimits,
        outputBytes: { value: 100_000, by: "job" },
        overflow: "discard",
      } as const;
      const { exit, stdout } = await bench.run(subject.commands.bytes(300_000), { limits });
      expect(stdout.equals(everyByte(100_000))).toBe(true);
      expect(exit).toMatchObject({ code: 0, verdict: null });
    });

    it("shows at once where it says discard, and is kept when the job is killed", async () => {
      const outputBytes = { value: 100_000, by: "job" } as const;
      const limits = { ...noLimits, outputBytes, overflow: "discard" } as const;
      const launch = await bench.startReady(subject.commands.ignoreTerm(), { limits });
      await bench.engine.stop(launch.handle, { graceMs: 0 });
      expect(bench.stdoutOf(launch).toString()).toBe("ready\n");
      await bench.engine.destroy(launch.handle);
    });

    it("is whole where it says discard and the limit is not reached", async () => {
      const limits = {
        ...noLimits,
        outputBytes: { value: 100_000, by: "job" },
        overflow: "discard",
      } as const;
      const { exit, stdout } = await bench.run(subject.commands.bytes(70_000), { limits });
      expect(stdout.equals(everyByte(70_000))).toBe(true);
      expect(exit).toMatchObject({ code: 0, verdict: null, output: none });
    });

    it("is counted where it says discard and more comes than the limit, to the byte", async () => {
      const outputBytes = { value: 100_000, by: "job" } as const;
      const limits = { ...noLimits, outputBytes, overflow: "discard" } as const;
      const { exit, stdout } = await bench.run(subject.commands.bytes(1_234_567), { limits });
      expect(stdout.equals(everyByte(100_000))).toBe(true);
      const dropped = { stdout: 1_134_567, stderr: 0 };
      expect(exit).toMatchObject({ code: 0, verdict: null, output: { overLimit: "stdout", dropped } });
    });

    it("ends the job at the limit where it says stop, and says which stream passed it", async () => {
      const limits = { ...noLimits, outputBytes: { value: 100_000, by: "job" } } as const;
      const { exit, stdout } = await bench.run(subject.commands.bytes(1_234_567), { limits });
      expect(stdout.equals(everyByte(100_000))).toBe(true);
      expect(exit.output.overLimit).toBe("stdout");
      expect(exit.output.dropped?.stdout).toBeGreaterThan(0);
    });

    it("may be exactly as long as the limit, where it says stop", async () => {
      const limits = { ...noLimits, outputBytes: { value: 100_000, by: "job" } } as const;
      const { exit, stdout } = await bench.run(subject.commands.bytes(100_000), { limits });
      expect(stdout.equals(everyByte(100_000))).toBe(true);
      expect(exit).toMatchObject({ code: 0, signal: null, output: none });
    });

    it("is in the index, all of it, in the order of each stream", async () => {
      const launch = bench.newLaunch(subject.commands.print({ stdout: "one\n", stderr: "two" }));
      const before = Date.now();
      await engine.start(launch, AbortSignal.timeout(patienceMs));
      await bench.wait(launch);
      const { last } = tailOf(readFileSync(launch.output.index));
      expect(last?.end).toEqual({ stdout: 4, stderr: 3 });
      expect(last?.at).toBeGreaterThanOrEqual(before);
      expect(last?.at).toBeLessThanOrEqual(Date.now());
      await engine.destroy(launch.handle);
    });
  });
}
