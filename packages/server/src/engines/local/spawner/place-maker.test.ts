import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fillThreadPool, turnsOfTheLoop } from "../../../../test/support/full-thread-pool.ts";
import { tempFolder } from "../../../../test/support/temp-folder.ts";
import { IdRanges } from "../bundle/id-range.ts";
import type { EngineFolders } from "../host/data-folders.ts";
import { JobGroups } from "../groups/job-groups.ts";
import { UntouchedFolders } from "../work/untouched-folders.ts";
import { FifoSupply } from "./fifo-supply.ts";
import { PlaceMaker } from "./place-maker.ts";
import { Place } from "./place.ts";
import { Spawner } from "./spawner.ts";

/** A maker of places below `root`, whose spawner has not been started. */
function makerIn(root: string): {
  maker: PlaceMaker;
  folders: EngineFolders;
  ranges: IdRanges;
  groups: string;
} {
  const at = (name: string): string => join(root, name);
  const folders = {
    run: root,
    control: at("control"),
    fifos: at("fifos"),
    work: at("work"),
    untouched: at("untouched"),
    overlays: at("overlays"),
  };
  const groups = at("groups");
  for (const folder of [groups, ...Object.values(folders)]) mkdirSync(folder, { recursive: true });
  const layout = { mode: "hybrid", tracking: groups, cpu: null, pids: null, memory: null, io: null } as const;
  const ranges = new IdRanges(root);
  const onNotice = (notice: string, detail: unknown): void => {
    throw new Error(`${notice}: ${JSON.stringify(detail)}`);
  };
  const spawner = new Spawner({
    folders,
    runtime: "",
    run: "",
    probe: "",
    joinsUsers: false,
    probeIds: ranges.take(),
    groupFolders: [],
    nameserver: "",
    onNotice,
  });
  const maker = new PlaceMaker({
    folders,
    spawner,
    groups: new JobGroups(layout, { devices: [] }),
    ranges,
    prefix: "place.",
    untouched: new UntouchedFolders(folders.untouched),
    fifos: new FifoSupply(folders.fifos, spawner),
    networks: null,
    filesOf: () => ({ "config.json": "{}" }),
    onNotice,
  });
  return { maker, folders, ranges, groups };
}

it("removes a place in another thread, whatever a start that failed has put there", async () => {
  await using root = tempFolder();
  const { maker, folders, ranges, groups } = makerIn(root.path);
  const [control, work, group] = [folders.control, folders.work, groups].map((folder) =>
    join(folder, "place"),
  );
  if (!control || !work || !group) throw new Error("there are three folders");
  for (const folder of [control, work, group]) mkdirSync(folder);
  execFileSync("mkfifo", [join(control, "alive"), join(control, "go")]);
  for (const folder of [control, work])
    for (let n = 0; n < 200; n += 1) writeFileSync(join(folder, `file-${n}`), "");
  const place = new Place(folders, { name: "place", ids: ranges.take(), left: null });
  const there = (): unknown[] => [readdirSync(control).length, readdirSync(work).length, existsSync(group)];
  let discarded: Promise<void>;
  {
    await using _full = fillThreadPool(join(root.path, "threads"));
    discarded = maker.discard(place);
    await turnsOfTheLoop();
    expect(there()).toEqual([202, 200, true]);
  }
  await discarded;
  expect([control, work, group].filter((folder) => existsSync(folder))).toEqual([]);
});
