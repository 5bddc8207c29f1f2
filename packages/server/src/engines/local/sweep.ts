import { readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { IdRanges } from "./bundle/id-range.ts";
import type { EngineFolders } from "./host/data-folders.ts";
import type { JobGroups } from "./groups/job-groups.ts";
import type { Settings } from "./local-engine-options.ts";
import type { LocalJobs } from "./jobs/local-jobs.ts";
import type { Networks } from "./networks/networks.ts";
import type { JobNames } from "./resolver/job-names.ts";
import { Attachment } from "./spawner/attachment.ts";

const PATIENCE_MS = 2000;

/** Removes the prepared places of a server that is gone, and groups that no job's folder names; keeps its jobs' ids and networks. */
export async function sweepLeftovers(
  jobs: Pick<LocalJobs, "allFacts">,
  options: {
    folders: EngineFolders;
    prefixes: readonly string[];
    groups: JobGroups;
    ranges: IdRanges;
    onNotice: Settings["onNotice"];
    networks: Pick<Networks, "keep" | "reopen">;
  },
): Promise<void> {
  const { folders, prefixes, groups, ranges, networks, onNotice } = options;
  const isPlace = (name: string): boolean => prefixes.some((prefix) => name.startsWith(prefix));
  const placesIn = (folder: string): string[] =>
    readdirSync(folder)
      .filter(isPlace)
      .map((name) => join(folder, name));
  const there = jobs.allFacts();
  for (const { ids, network } of there) {
    ranges.reserve(ids);
    if (network) networks.keep(network);
  }
  await networks.reopen().catch((error: unknown) => {
    const why = (error as Error).message;
    onNotice("the networks of an earlier server's jobs could not be taken up", { why });
  });
  const inUse = new Set(there.map(({ group }) => group));
  const orphans = groups.list().filter((name) => isPlace(name) && !inUse.has(name));
  const places = [...placesIn(folders.control), ...placesIn(folders.work)];
  await Promise.all(
    [...places, ...placesIn(folders.overlays).filter((path) => !inUse.has(basename(path)))].map(removePlace),
  );
  await Promise.all(
    orphans.map(async (group) => {
      // One whose processes cannot be ended yet waits for the next start.
      if (await groups.kill(group)) await groups.remove(group);
    }),
  );
}

/** Has those jobs of an earlier server answered again that have a network: they go on meanwhile, and their questions wait. */
export async function takeUpNames(
  jobs: Pick<LocalJobs, "ids" | "folder">,
  { networks, names, onNotice }: { networks: Networks; names: JobNames; onNotice: Settings["onNotice"] },
): Promise<void> {
  for (const id of jobs.ids()) {
    const folder = jobs.folder(id);
    const network = folder.facts()?.network;
    const rules = network ? networks.rulesOf(network.digest) : null;
    if (!network || rules === null || networks.lack !== null) continue;
    try {
      const { digest } = network;
      const granted = { digest, rules };
      await names.admit({ network, granted, lookups: folder.lookups, isTakenUp: true });
    } catch (error) {
      onNotice("a job of an earlier server is told of no names", { id, why: (error as Error).message });
    }
  }
}

/** Its shim ends by itself, as nobody holds the other end of its FIFO any more. */
async function removePlace(path: string): Promise<void> {
  const attachment = Attachment.reopen(join(path, "alive"));
  if (attachment) await Promise.race([attachment.gone, delay(PATIENCE_MS, undefined, { ref: false })]);
  attachment?.close();
  await rm(path, { recursive: true, force: true });
}
