import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tempFolder } from "../../../test/support/temp-folder.ts";
import { IdRanges } from "./bundle/id-range.ts";
import { JobGroups } from "./groups/job-groups.ts";
import type { JobFacts } from "./jobs/job-facts.ts";
import { leftPrefixes, placePrefix } from "./spawner/place.ts";
import { sweepLeftovers } from "./sweep.ts";

const dataDir = "/var/lib/berth";
const own = placePrefix(dataDir);
/** As servers named theirs before places were called places. */
const older = own.replace("place.", "slot.");
const others = placePrefix("/srv/another-server");

it("removes the places that earlier servers left, and nothing that is in use or another's", async () => {
  await using root = tempFolder();
  const ranges = new IdRanges(root.path);
  const at = (name: string): string => join(root.path, name);
  const folders = {
    run: at("run"),
    control: at("control"),
    fifos: at("fifos"),
    work: at("work"),
    untouched: at("untouched"),
    overlays: at("overlays"),
  };
  const groups = new JobGroups(
    { mode: "hybrid", tracking: at("groups"), cpu: null, pids: null, memory: null, io: null },
    { devices: [] },
  );
  for (const folder of [folders.control, folders.work, at("groups")])
    for (const name of [`${own}left`, `${older}left`, `${own}used`, `${older}used`, `${others}left`, "job"])
      if (folder === at("groups") || !name.endsWith("used"))
        mkdirSync(join(folder, name), { recursive: true });
  for (const name of [`${own}left`, `${own}used`, `${others}left`])
    mkdirSync(join(folders.overlays, name), { recursive: true });
  const facts = [`${own}used`, `${older}used`].map((group) => factsOf(group, ranges));

  const network = { name: "b0-1", address4: "10.88.0.2", gateway4: "10.88.0.1", address6: null };
  const networked = { ...network, profile: "internet", digest: "d", observe: false };
  const heard: unknown[] = [];
  await sweepLeftovers(
    { allFacts: () => facts.map((one, n) => (n === 0 ? { ...one, network: networked } : one)) },
    {
      folders,
      prefixes: leftPrefixes(dataDir),
      groups,
      ranges,
      networks: { keep: (kept) => heard.push(kept), reopen: async () => void heard.push("reopen") },
      onNotice: (notice) => heard.push(notice),
    },
  );
  expect(heard).toEqual([networked, "reopen"]);

  expect(readdirSync(folders.control).toSorted()).toEqual(["job", `${others}left`].toSorted());
  expect(readdirSync(folders.work).toSorted()).toEqual(["job", `${others}left`].toSorted());
  expect(readdirSync(folders.overlays).toSorted()).toEqual([`${own}used`, `${others}left`].toSorted());
  const kept = ["job", `${others}left`, `${own}used`, `${older}used`];
  expect(readdirSync(at("groups")).toSorted()).toEqual(kept.toSorted());
});

function factsOf(group: string, ranges: IdRanges): JobFacts {
  return { group, ids: ranges.take(), diskBytes: null, project: null, ownProcesses: 1, startedMs: 0 };
}
