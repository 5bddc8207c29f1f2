import { writeFileSync } from "node:fs";
import type { GrantedProfile } from "../../../core/network/profile.ts";
import type { IdRange } from "../bundle/id-range.ts";
import type { PlaceNetwork } from "../networks/place-network.ts";
import { readNote } from "../spawner/read-note.ts";

/** What the engine itself wrote about a job, found again after a restart. */
export interface JobFacts {
  group: string;
  /** The host's user and group ids that are this job's alone. */
  ids: IdRange;
  diskBytes: number | null;
  /** The workload whose folder it has as /work, with that one's ids and project. Left out where the folder is its own. */
  workOf?: string;
  /** Its folder lies over a tree: what the kernel needs for that goes with it. Left out where it does not. */
  hasOverlay?: true;
  /** The project of the file system's quota that its folder is; null where it is measured. */
  project: number | null;
  /** Processes of the engine that are counted with the job's. */
  ownProcesses: number;
  /** What of a network its place has, and what it was granted there. Left out where it has none. */
  network?: PlaceNetwork & Pick<GrantedProfile, "digest" | "observe"> & { profile: string };
  /** When it was started, by the host's clock that nobody can set: ms since the host went up. */
  startedMs: number;
}

const NAME = "facts";
/** More than they ever take. */
const MOST_BYTES = 4096;

/** To be called before the folder bears the job's name: whoever finds it by that finds them whole. */
export function writeFacts(folder: string, facts: JobFacts): void {
  writeFileSync(`${folder}/${NAME}`, JSON.stringify(facts), { mode: 0o600 });
}

/** null where there are none, or the host went down before they were on its disk. */
export function readFacts(folder: string): JobFacts | null {
  const text = readNote(`${folder}/${NAME}`, { most: MOST_BYTES, from: "start" })?.toString() ?? "";
  return text.endsWith("}") ? (JSON.parse(text) as JobFacts) : null;
}
