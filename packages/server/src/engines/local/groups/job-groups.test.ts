import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fillThreadPool, turnsOfTheLoop } from "../../../../test/support/full-thread-pool.ts";
import { tempFolder } from "../../../../test/support/temp-folder.ts";
import { JobGroups } from "./job-groups.ts";

/** Groups in plain folders, which are made and removed by the same calls. */
function groupsIn(root: string): { groups: JobGroups; made: () => boolean[] } {
  const [tracking, pids] = [join(root, "tracking"), join(root, "pids")];
  for (const folder of [tracking, pids]) mkdirSync(join(folder, "job"), { recursive: true });
  const groups = new JobGroups(
    { mode: "hybrid", tracking, pids, cpu: null, memory: null, io: null },
    { devices: [] },
  );
  return { groups, made: () => [tracking, pids].map((folder) => existsSync(join(folder, "job"))) };
}

it("removes groups in another thread, as the kernel may let it wait for those of others", async () => {
  await using root = tempFolder();
  const { groups, made } = groupsIn(root.path);
  const asked: Promise<void>[] = [];
  {
    await using _full = fillThreadPool(join(root.path, "after"));
    asked.push(groups.remove("job"));
    await turnsOfTheLoop();
    expect(made()).toEqual([true, true]);
  }
  await Promise.all(asked);
  expect(made()).toEqual([false, false]);
});

it("finds a group that it ends gone where its shim was faster than what the kernel announces", async () => {
  await using root = tempFolder();
  const { groups } = groupsIn(root.path);
  const folder = join(root.path, "tracking/job");
  writeFileSync(join(folder, "cgroup.events"), "populated 1\nfrozen 0\n");
  writeFileSync(join(folder, "cgroup.kill"), "");
  const ended = groups.kill("job");
  await turnsOfTheLoop();
  // Of this nobody hears who watches the file.
  renameSync(folder, join(root.path, "gone"));
  expect(await ended).toBe(true);
});
