import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { placesOf } from "../src/engines/local/host/data-folders.ts";
import type { Engine, Launch } from "../src/engines/engine.ts";
import { cgroupNameOf, removeControlGroups } from "./support/cgroup-name.ts";
import { launchOn } from "./support/engine-bench.ts";
import { hierarchies } from "./support/leftovers.ts";
import { shimsOf, subject } from "./support/local-subject.ts";
import { startAndCrash } from "./support/start-and-crash.ts";
import { type TempFolder, tempFolder } from "./support/temp-folder.ts";
import { until } from "./support/until.ts";

const missing = await subject.missing();
if (missing !== null)
  console.log(`SKIPPED: what the local engine finds after a restart of its host, because ${missing}`);

const naming = { handleFor: (id: string) => `local/1/${id}` };

/** What a restart of the host leaves: no process, no group, nothing in memory; the data folder as it was. */
async function restartHost(root: string, { id }: Launch): Promise<void> {
  const name = cgroupNameOf(root);
  for (const pid of shimsOf(id)) endProcess(pid);
  const isGone = (): boolean => {
    const pids = processesBelow(name);
    for (const pid of pids) endProcess(pid);
    return pids.length === 0;
  };
  await until(isGone, { what: "the end of the host's processes" });
  await removeControlGroups(name, { run: placesOf(join(root, "data")).run });
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    // It has ended in between.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function processesBelow(group: string): number[] {
  const files = hierarchies().flatMap((at) =>
    globSync(`${group}/**/cgroup.procs`, { cwd: at }).map((path) => join(at, path)),
  );
  return files.flatMap((path) => processesIn(path));
}

/** None of a group that has gone in between. */
function processesIn(path: string): number[] {
  try {
    return readFileSync(path, "utf8").split("\n").filter(Boolean).map(Number);
  } catch (error) {
    if (["ENOENT", "ENODEV"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw error;
  }
}

describe.skipIf(missing !== null)("after a restart of the host the local engine", () => {
  let folder: TempFolder;
  let launch: Launch;

  beforeEach(async () => {
    folder = tempFolder();
    launch = launchOn(naming, { line: subject.commands.ignoreTerm(), root: folder.path });
    await startAndCrash(
      { subject, root: folder.path },
      {
        launches: [launch],
        whenStarted: () => until(() => shimsOf(launch.id).length > 0, { what: "its shim" }),
      },
    );
  });
  afterEach(async () => {
    await subject.remove(folder.path);
    await folder[Symbol.asyncDispose]();
  });

  async function withEngine<Value>(work: (engine: Engine) => Promise<Value>): Promise<Value> {
    const engine = await subject.open(folder.path);
    try {
      return await work(engine);
    } finally {
      await engine[Symbol.asyncDispose]();
    }
  }

  it("does not say of a job that ran that it was never started, until all is recorded", async () => {
    const recover = (): Promise<unknown> => withEngine((engine) => engine.recover(launch.handle));
    await restartHost(folder.path, launch);
    // The next server may die before it has recorded anything.
    for (const _ of [1, 2]) expect(await recover()).toEqual({ kind: "forgotten" });
    await withEngine(async (engine) => {
      expect(await engine.recover(launch.handle)).toEqual({ kind: "forgotten" });
      await engine.remember();
      expect(await engine.recover(launch.handle)).toEqual({ kind: "never-started" });
    });
    expect(await recover()).toEqual({ kind: "never-started" });
  });

  it("removes what the job left on the disk, and runs others", async () => {
    await restartHost(folder.path, launch);
    expect(existsSync(join(folder.path, "data/jobs", launch.id))).toBe(true);
    await withEngine(async (engine) => {
      await engine.recover(launch.handle);
      expect(readdirSync(join(folder.path, "data/jobs"))).not.toContain(launch.id);
      // What is waited for is its end: how long a busy host takes for it says nothing.
      const patience = AbortSignal.timeout(120_000);
      const next = launchOn(engine, { line: subject.commands.exit(3), root: folder.path });
      await engine.start(next, patience);
      expect((await engine.wait(next.handle, patience)).code).toBe(3);
      await engine.destroy(next.handle);
    });
  });
});
