import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Engine, Launch } from "../../src/engines/engine.ts";
import { createLocalEngine } from "../../src/engines/local/engine.ts";
import { placesOf } from "../../src/engines/local/host/data-folders.ts";
import { findLayout } from "../../src/engines/local/groups/layout.ts";
import { JobFolder } from "../../src/engines/local/jobs/job-folder.ts";
import { cgroupNameOf } from "../support/cgroup-name.ts";
import { launchOn, openEngineBench, patienceMs } from "../support/engine-bench.ts";
import type { CommandLine } from "../support/engine-subject.ts";
import { freeze, sleeperIn, whyNoneFreezes } from "../support/frost.ts";
import { subject } from "../support/local-subject.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";

const missing = (await subject.missing()) ?? whyNoneFreezes();
if (missing !== null)
  console.log(`SKIPPED: a folder that a job cannot be brought out of, because ${missing}`);

interface Place {
  root: string;
  engine: Engine;
}

/** Few places are kept ready, so that ids that come free serve the next job but one. */
const open = (root: string): Promise<Engine> =>
  createLocalEngine({
    dataDir: join(root, "data"),
    cgroupName: cgroupNameOf(root),
    killPatienceMs: 200,
    sparePlaces: 1,
    warmSandboxes: 0,
  });

const folderOf = (root: string, { id }: Launch): JobFolder => new JobFolder(placesOf(join(root, "data")), id);

async function untilGone(root: string, launches: readonly Launch[]): Promise<void> {
  for (const { id } of launches)
    await until(async () => (await subject.leftovers(root, id)).length === 0, { what: "the job removed" });
}

/** A workload that has left a folder, and one that works in it now, and the pid of what that one waits for. */
async function firstAndHeir({ root, engine }: Place) {
  const first = await start({ root, engine }, subject.commands.save({ kept: "by the first" }));
  await engine.wait(first.handle, AbortSignal.timeout(patienceMs));
  const line = { command: "sh", args: ["-c", "sleep 1000 & echo ready; wait"] };
  const heir = await start({ root, engine }, line, { work: { kind: "left-by", handle: first.handle } });
  const isReady = (): boolean => readFileSync(heir.output.stdout, "utf8") === "ready\n";
  await until(isReady, { what: "the heir's first line" });
  const { group = "" } = folderOf(root, heir).facts() ?? {};
  const sleeper = await sleeperIn(join(findLayout(cgroupNameOf(root)).tracking, group));
  return { first, heir, sleeper, ids: String(folderOf(root, first).facts()?.ids.first) };
}

async function start(
  { root, engine }: Place,
  line: CommandLine,
  overrides?: Partial<Launch>,
): Promise<Launch> {
  const launch = launchOn(engine, { line, root, overrides });
  await engine.start(launch, AbortSignal.timeout(patienceMs));
  return launch;
}

/** The ids of jobs that come one after the other. */
async function idsOfNext({ root, engine }: Place, count: number): Promise<string[]> {
  const found: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const launch = await start({ root, engine }, { command: "cat", args: ["/proc/self/uid_map"] });
    await engine.wait(launch.handle, AbortSignal.timeout(patienceMs));
    found.push(readFileSync(launch.output.stdout, "utf8").trim().split(/\s+/)[1] ?? "");
    await engine.destroy(launch.handle);
  }
  return found;
}

describe.skipIf(missing !== null)("a folder in which processes of a later workload are stuck", () => {
  it("ABUSE 35: stays, with its ids, until the last of them is gone, though both are destroyed", async () => {
    await using bench = await openEngineBench({ ...subject, open });
    const { engine, root } = bench;
    const { first, heir, sleeper, ids } = await firstAndHeir(bench);
    {
      await using _ = await freeze(cgroupNameOf(root), [sleeper]);
      await engine.stop(heir.handle, { graceMs: 0 });
      expect((await bench.wait(heir)).remaining).toBeGreaterThanOrEqual(1);
      for (const { handle } of [heir, first, first]) await engine.destroy(handle);
      expect(existsSync(join(folderOf(root, first).work, "kept"))).toBe(true);
      expect(await idsOfNext(bench, 6)).not.toContain(ids);
    }
    await untilGone(root, [heir, first]);
    await until(async () => (await idsOfNext(bench, 3)).includes(ids), {
      what: "the ids serving others again",
    });
  });

  it("ABUSE 35: stays also under the next server, whichever of the two it removes first", async () => {
    await using folder = tempFolder();
    const root = folder.path;
    await using scope = new AsyncDisposableStack();
    scope.defer(() => subject.remove(root));
    const before = await open(root);
    const { first, heir, sleeper, ids } = await firstAndHeir({ root, engine: before });
    await using frost = await freeze(cgroupNameOf(root), [sleeper]);
    await before.stop(heir.handle, { graceMs: 0 });
    await before[Symbol.asyncDispose]();
    const after = scope.use(await open(root));
    await after.destroy(first.handle);
    expect(existsSync(join(folderOf(root, first).work, "kept"))).toBe(true);
    expect(await idsOfNext({ root, engine: after }, 6)).not.toContain(ids);
    await after.destroy(heir.handle);
    await frost.thaw();
    await untilGone(root, [heir, first]);
  });
});
