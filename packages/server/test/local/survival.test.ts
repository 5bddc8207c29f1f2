import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  launchOn,
  noLimits,
  openEngineBench,
  patienceMs,
  type EngineBench,
} from "../support/engine-bench.ts";
import { leftovers, pids, readProc } from "../support/leftovers.ts";
import { subject } from "../support/local-subject.ts";
import { cgroupNameOf } from "../support/cgroup-name.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";
import { placesOf } from "../../src/engines/local/host/data-folders.ts";
import { createLocalEngine } from "../../src/engines/local/engine.ts";
import { readControl } from "../../src/engines/local/groups/control-file.ts";
import { findLayout } from "../../src/engines/local/groups/layout.ts";
import { JobFolder } from "../../src/engines/local/jobs/job-folder.ts";
import { retry } from "../../src/lib/retry.ts";
import { type Engine, EngineError, type Launch } from "../../src/engines/engine.ts";

const missing = await subject.missing();
if (missing !== null) console.log(`SKIPPED: what survives on this host, because ${missing}`);

/** The one process that reads commands for the engine on this folder: its arguments name no folder, its view does. */
function spawnerOf(root: string): number {
  const found = pids().find(
    (pid) =>
      readProc(pid, "cmdline").includes("berth-spawner") &&
      parentOf(pid) === process.pid &&
      viewIsOf(pid, root),
  );
  if (found === undefined) throw new Error("no spawner");
  return found;
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(readProc(pid, "status"))?.[1]);
}

/** Its view shows the same folder of jobs as ours. */
function viewIsOf(pid: number, root: string): boolean {
  try {
    return (
      statSync(`/proc/${pid}/root/sys/berth/jobs`).ino === statSync(placesOf(join(root, "data")).control).ino
    );
  } catch {
    return false;
  }
}

/** Pid 1 of a job, as the host calls it. */
function initOf(id: string, root: string): number {
  const group = new JobFolder(placesOf(join(root, "data")), id).facts()?.group ?? "";
  const procs = readControl(join(findLayout(cgroupNameOf(root)).tracking, group), "cgroup.procs") ?? "";
  const found = procs
    .split("\n")
    .map(Number)
    .find((pid) => /^NSpid:.*\t1$/m.test(readProc(pid, "status")));
  if (found === undefined) throw new Error(`no pid 1 in "${procs}"`);
  return found;
}

describe.skipIf(missing !== null)("the local engine", () => {
  let bench: EngineBench;
  beforeAll(async () => {
    bench = await openEngineBench(subject);
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  it("starts its spawner again when that is killed: running jobs go on, and new ones start", async () => {
    const before = await bench.startReady(subject.commands.exitOnTerm(4));
    process.kill(spawnerOf(bench.root), "SIGKILL");
    // More than there are places ready.
    const lives = await Promise.all(Array.from({ length: 20 }, () => bench.run(subject.commands.exit(3))));
    expect(lives.map(({ exit }) => exit.code)).toEqual(lives.map(() => 3));
    await bench.engine.stop(before.handle, { graceMs: 30_000 });
    expect((await bench.wait(before)).code).toBe(4);
    await bench.engine.destroy(before.handle);
  });

  it.each(["stop", "discard"] as const)(
    "tells the signal of a job whose pid 1 is killed, and that of all the tree, where it says %s",
    async (overflow) => {
      const limits = { ...noLimits, outputBytes: { value: 2 ** 20, by: "job" }, overflow } as const;
      const job = await bench.startReady(subject.commands.ignoreTerm(), { limits });
      process.kill(initOf(job.id, bench.root), "SIGKILL");
      expect(await bench.wait(job)).toMatchObject({ code: null, signal: "SIGKILL", verdict: null });
      expect(bench.stdoutOf(job).toString()).toBe("ready\n");
      await bench.engine.destroy(job.handle);
      expect(await subject.leftovers(bench.root, job.id)).toEqual([]);
    },
  );

  it("can start a job again, under the same id, when the place prepared for it has died", async () => {
    const shims = await until(() => listOrNull(waitingShims(bench.root)), { what: "prepared places" });
    for (const pid of shims) process.kill(pid, "SIGKILL");
    // Until then one of them still takes in a job, which is then lost with it.
    await until(() => !waitingShims(bench.root).some((pid) => shims.includes(pid)), { what: "their end" });
    const launch = bench.newLaunch(subject.commands.exit(3));
    const signal = AbortSignal.timeout(patienceMs);
    const retryable = (error: unknown): boolean => error instanceof EngineError && error.retryable;
    await retry(() => bench.engine.start(launch, signal), { signal, attempts: 20, retryable });
    expect((await bench.wait(launch)).code).toBe(3);
    await bench.engine.destroy(launch.handle);
  });

  it("starts jobs beside some whose arguments are as long as they may be", async () => {
    // Six bytes each in the runtime's configuration.
    const args = Array.from({ length: 15 }, () => "\u0001".repeat(60_000));
    const line = { command: "sh", args: ["-c", "echo ready; sleep 1000", "sh", ...args] };
    const long = await Promise.all(Array.from({ length: 6 }, () => bench.startReady(line)));
    expect((await bench.run(subject.commands.exit(3))).exit).toMatchObject({ code: 3, verdict: null });
    await Promise.all(long.map(({ handle }) => bench.engine.destroy(handle)));
  });

  it("finds its jobs again when its data folder is reached through a link", async () => {
    await using folder = tempFolder();
    const root = folder.path;
    const link = join(root, "link");
    const open = (dataDir: string): Promise<Engine> =>
      createLocalEngine({ dataDir, cgroupName: cgroupNameOf(root) });
    const first = await open(join(root, "data"));
    const launch = launchOn(first, { line: subject.commands.ignoreTerm(), root });
    await first.start(launch, AbortSignal.timeout(patienceMs));
    await first[Symbol.asyncDispose]();
    symlinkSync(join(root, "data"), link);
    const second = await open(link);
    expect(await second.recover(launch.handle)).toMatchObject({ kind: "found" });
    await second.destroy(launch.handle);
    await second[Symbol.asyncDispose]();
    await subject.remove(root);
  });

  it("keeps no zombie and no place for each of many jobs", async () => {
    for (let round = 0; round < 12; round += 1) {
      await Promise.all(Array.from({ length: 20 }, () => bench.run(subject.commands.exit(0))));
    }
    const zombies = pids().filter(
      (pid) => parentOf(pid) === spawnerOf(bench.root) && /^State:\s+Z/m.test(readProc(pid, "status")),
    );
    expect(zombies.length).toBeLessThan(100);
    expect(readdirSync(join(bench.root, "data/jobs")).length).toBeLessThan(40);
  });

  it("removes what is too deep for any path, and what is too much for one look", async () => {
    const deep = `use Cwd; my $n = "d" x 200; for (1..60) { mkdir $n; chdir $n or die } chdir "/work"; for (1..3000) { open F, ">f$_" } print "done\\n"`;
    const launch = await bench.start({ command: "perl", args: ["-e", deep] });
    expect((await bench.wait(launch)).code).toBe(0);
    await bench.engine.destroy(launch.handle);
    expect(await bench.leftovers(launch.id)).toEqual([]);
  });
});

function listOrNull(found: number[]): number[] | null {
  return found.length === 0 ? null : found;
}

/** The shims of prepared places: the processes that stand in their folders. */
function waitingShims(root: string): number[] {
  const folders = new Set(
    places(root).map(
      // It may be taken, or made away with, between the two looks.
      (name) =>
        statSync(join(placesOf(join(root, "data")).control, name), { throwIfNoEntry: false })?.ino ?? null,
    ),
  );
  return pids().filter((pid) => {
    try {
      return folders.has(statSync(`/proc/${pid}/cwd`).ino);
    } catch {
      return false;
    }
  });
}

describe.skipIf(missing !== null).each([
  { point: "local-named", outcome: "never-started" },
  { point: "local-sent", outcome: "found" },
])("a server that is killed at $point", ({ point, outcome }) => {
  const folder = tempFolder();
  let engine: Engine;
  let launch: Launch;

  beforeAll(async () => {
    const naming = { handleFor: (id: string) => `local/1/${id}` };
    launch = launchOn(naming, { line: subject.commands.exit(5), root: folder.path });
    await crashAt(point, { root: folder.path, launch });
    engine = await subject.open(folder.path);
  });

  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await subject.remove(folder.path);
    await folder[Symbol.asyncDispose]();
  });

  it(`leaves a job that is ${outcome}, once and to the last trace`, async () => {
    expect(await engine.recover(launch.handle)).toMatchObject({ kind: outcome });
    if (outcome === "never-started") await engine.start(launch, AbortSignal.timeout(patienceMs));
    expect((await engine.wait(launch.handle, AbortSignal.timeout(patienceMs))).code).toBe(5);
    await engine.destroy(launch.handle);
    const left = (): Promise<string[]> =>
      leftovers({
        mark: launch.id,
        folder: join(folder.path, "data"),
        cgroupName: cgroupNameOf(folder.path),
      });
    expect(await left()).toEqual([]);
  });

  it("leaves no prepared place of the dead server behind", async () => {
    const own = await until(() => places(folder.path).length <= 8 && places(folder.path), {
      what: "old places gone",
    });
    for (const name of own) expect(existsSync(join(folder.path, "data/jobs", name))).toBe(true);
  });
});

function places(root: string): string[] {
  return readdirSync(join(root, "data/jobs")).filter((name) => name.startsWith("place."));
}

async function crashAt(point: string, { root, launch }: { root: string; launch: Launch }): Promise<void> {
  const program = `
    const { armCrashPoint } = await import(${JSON.stringify(new URL("../../src/lib/crash-point.ts", import.meta.url).href)});
    const { subject } = await import(${JSON.stringify(subject.module)});
    const engine = await subject.open(${JSON.stringify(root)});
    armCrashPoint(${JSON.stringify(point)});
    await engine.start(${JSON.stringify(launch)}, AbortSignal.timeout(${patienceMs}));
  `;
  const host = spawn(process.execPath, ["--conditions=berth-source", "--input-type=module", "-e", program], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [code, signal] = (await once(host, "exit")) as [number | null, string | null];
  expect([code, signal]).toEqual([null, "SIGKILL"]);
  expect(readFileSync(launch.output.stdout, "utf8")).toBe("");
}
