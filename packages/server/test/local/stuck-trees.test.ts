import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cgroupNameOf } from "../support/cgroup-name.ts";
import { openEngineBench } from "../support/engine-bench.ts";
import { freeze, sleeperIn, whyNoneFreezes } from "../support/frost.ts";
import { subject } from "../support/local-subject.ts";
import { until } from "../support/until.ts";
import { createLocalEngine } from "../../src/engines/local/engine.ts";
import { placesOf } from "../../src/engines/local/host/data-folders.ts";
import { JobFolder } from "../../src/engines/local/jobs/job-folder.ts";
import { findLayout } from "../../src/engines/local/groups/layout.ts";

const missing = (await subject.missing()) ?? whyNoneFreezes();
if (missing !== null) console.log(`SKIPPED: a job whose processes cannot be ended, because ${missing}`);

describe.skipIf(missing !== null)("a job whose processes not even KILL ends", () => {
  it("ABUSE 35: ends when they are gone, or says so, and is removed as soon as they are", async () => {
    const notices: string[] = [];
    const patience = 1500;
    await using bench = await openEngineBench({
      ...subject,
      open: (root) =>
        createLocalEngine({
          dataDir: join(root, "data"),
          cgroupName: cgroupNameOf(root),
          killPatienceMs: patience,
          onNotice: (notice) => notices.push(notice),
        }),
    });
    const { engine } = bench;
    const job = await bench.startReady({ command: "sh", args: ["-c", "sleep 1000 & echo ready; wait"] });
    const folder = new JobFolder(placesOf(join(bench.root, "data")), job.id);
    const group = join(findLayout(cgroupNameOf(bench.root)).tracking, folder.facts()?.group ?? "");
    const pids = (): string[] =>
      readFileSync(join(group, "cgroup.procs"), "utf8").split("\n").filter(Boolean);
    const sleeper = await sleeperIn(group);
    {
      await using _ = await freeze(cgroupNameOf(bench.root), [sleeper]);
      const begun = performance.now();
      const stopped = engine.stop(job.handle, { graceMs: 0 });
      const exit = await bench.wait(job);
      expect(performance.now() - begun).toBeGreaterThan(patience * 0.9);
      // Pid 1 waits for the one that is frozen.
      expect(exit.remaining).toBeGreaterThanOrEqual(1);
      expect(await stopped).toEqual({ forced: true });
      await engine.destroy(job.handle);
      expect(notices).toEqual(["processes of a job that has ended cannot be killed yet"]);
      expect(pids()).toContain(sleeper);
      // Others are not affected.
      expect((await bench.run({ command: "true", args: [] })).exit.code).toBe(0);
    }
    await until(async () => (await bench.leftovers(job.id)).length === 0, { what: "the job removed" });
    expect(existsSync(group)).toBe(false);
    expect(notices.at(-1)).toBe("the last process of a job that had ended is gone");
  });

  it("ABUSE 35: is told ended only when they are gone, where that comes in time", async () => {
    await using bench = await openEngineBench(subject);
    const job = await bench.startReady({ command: "sh", args: ["-c", "sleep 1000 & echo ready; wait"] });
    const folder = new JobFolder(placesOf(join(bench.root, "data")), job.id);
    const group = join(findLayout(cgroupNameOf(bench.root)).tracking, folder.facts()?.group ?? "");
    const procs = readFileSync(join(group, "cgroup.procs"), "utf8").split("\n").filter(Boolean);
    let isOver = false;
    await using frost = await freeze(cgroupNameOf(bench.root), [await sleeperIn(group)]);
    const stopped = bench.engine.stop(job.handle, { graceMs: 0 });
    const ended = bench.wait(job).then((exit) => {
      isOver = true;
      return exit;
    });
    await until(() => bench.engine.list().then(() => !existsSync(`/proc/${procs[0]}/exe`)), {
      what: "KILL heard by the runtime",
    });
    expect((await bench.run({ command: "true", args: [] })).exit.code).toBe(0);
    expect(isOver).toBe(false);
    await frost.thaw();
    expect((await ended).remaining).toBeUndefined();
    await stopped;
  });
});
