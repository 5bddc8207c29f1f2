import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Launch } from "../../src/engines/engine.ts";
import { findLayout } from "../../src/engines/local/groups/layout.ts";
import { placesOf } from "../../src/engines/local/host/data-folders.ts";
import { cgroupNameOf } from "../support/cgroup-name.ts";
import { type EngineBench, noLimits, openEngineBench, patienceMs } from "../support/engine-bench.ts";
import { until } from "../support/until.ts";
import { subject } from "../support/warm-subject.ts";

const missing = await subject.missing();
if (missing !== null) console.log(`SKIPPED: starts that fail half way, because ${missing}`);

describe.skipIf(missing !== null)("a start that fails half way", () => {
  let bench: EngineBench;
  beforeAll(async () => {
    bench = await openEngineBench(subject);
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  const limits = { ...noLimits, pids: { value: 100, by: "job" as const } };
  const line = { command: "echo", args: ["on"] };
  const start = (launch: Launch) => bench.engine.start(launch, AbortSignal.timeout(patienceMs));

  /** The names of the places in which a sandbox waits. */
  function waiting(): string[] {
    const { control } = placesOf(join(bench.root, "data"));
    return readdirSync(control).filter((name) => {
      const seen = join(control, name, "seen");
      return name.startsWith("place.") && existsSync(seen) && readFileSync(seen, "utf8").endsWith("end\n");
    });
  }

  const groupsOf = (names: readonly string[]): string[] => {
    const { tracking, pids, cpu, memory } = findLayout(cgroupNameOf(bench.root));
    const folders = [tracking, pids, cpu?.folder ?? null, memory].filter((folder) => folder !== null);
    return folders.flatMap((folder) => names.map((name) => join(folder, name)));
  };

  /** Without a turn for anybody else of this process: who starts the job has no chance to hear of it. */
  function killWaiting(): void {
    const names = waiting();
    const { tracking } = findLayout(cgroupNameOf(bench.root));
    const inside = names.flatMap((name) =>
      readFileSync(join(tracking, name, "cgroup.procs"), "utf8")
        .split("\n")
        .filter(Boolean),
    );
    for (const pid of inside) process.kill(Number(pid), "SIGKILL");
    const clock = new Int32Array(new SharedArrayBuffer(4));
    for (const end = Date.now() + patienceMs; Date.now() < end && groupsOf(names).some(existsSync); )
      Atomics.wait(clock, 0, 0, 5);
    expect(groupsOf(names).filter(existsSync)).toEqual([]);
  }

  /** One property that is looked at when the start comes to it, and not when a plan is made of the rest. */
  const onRead = (target: object, name: string, get: () => unknown): unknown =>
    Object.defineProperty(target, name, { get, enumerable: false });

  it("is tried again where its sandbox has died while its files were written", async () => {
    await until(() => waiting().length > 0, { what: "a sandbox that waits" });
    const launch = bench.newLaunch(line, { limits });
    let killed = 0;
    onRead(launch, "files", () => {
      if (killed === 0) killWaiting();
      killed += 1;
      return [];
    });
    await expect(start(launch)).rejects.toMatchObject({
      blame: "engine",
      retryable: true,
      message: expect.stringContaining("its sandbox ended before the job came") as unknown,
    });
    expect(killed).toBeGreaterThan(0);
    expect((await bench.run(line, { limits })).stdout.toString()).toBe("on\n");
  });

  it("is never tried again once the job may have been handed over, whatever the host lacks then", async () => {
    const launch = bench.newLaunch(line);
    const lack = Object.assign(new Error("too many open files"), { code: "EMFILE" });
    // Read as the last of all, for the line that hands it over.
    onRead(launch.output, "index", () => {
      throw lack;
    });
    await expect(start(launch)).rejects.toMatchObject({ blame: "engine", retryable: false });
    // Where nothing was handed over yet, the same lack passes.
    const early = bench.newLaunch(line);
    onRead(early, "files", () => {
      throw lack;
    });
    await expect(start(early)).rejects.toMatchObject({ blame: "engine", retryable: true });
    expect((await bench.run(line)).stdout.toString()).toBe("on\n");
  });
});
