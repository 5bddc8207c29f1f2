import { dirname, join } from "node:path";
import type { Measured } from "../disk/disk-watch.ts";
import type { Contacts } from "../../../core/network/contact.ts";
import type { Exit } from "../../engine.ts";
import type { JobGroups } from "../groups/job-groups.ts";
import type { Stamp } from "../work/untouched-folders.ts";
import type { Attachment } from "../spawner/attachment.ts";
import type { JobFacts } from "./job-facts.ts";
import type { JobFolder } from "./job-folder.ts";

/** A job as this server knows it while it lasts: everything here can be found again from its folder. */
export interface Workload {
  readonly id: string;
  readonly folder: JobFolder;
  readonly facts: JobFacts;
  /** The host's folder that is /work inside. */
  readonly work: string;
  /** null: its shim was gone before we looked. */
  readonly attachment: Attachment | null;
  /** When its own folder was changed last before it came; null: its folder is not to be used again. */
  readonly untouchedSince: Stamp | null;
  /** Signals that this engine has sent to it. */
  readonly sent: NodeJS.Signals[];
  /** Resolved when this engine has sent KILL to all of it. */
  readonly killed: PromiseWithResolvers<void>;
  /** Set when it was found to hold more than it may. */
  diskUsed: Measured | null;
  /** Set when it was ended as nobody knows what it could reach. */
  hasLostNetwork: boolean;
  /** Settles once, when the tree is gone; made when somebody first asks. */
  end: Promise<Exit> | null;
  /** What it has reached and was refused, once it has ended; null: nobody has asked for it yet. */
  contacts: Promise<Contacts | null> | null;
  /** Set while a stop is under way: cuts its patience short. */
  hurry: ((graceMs: number) => void) | null;
}

export function newWorkload(
  folder: JobFolder,
  parts: Pick<Workload, "id" | "facts" | "attachment" | "untouchedSince">,
): Workload {
  const { workOf } = parts.facts;
  return {
    ...parts,
    folder,
    work: workOf === undefined ? folder.work : join(dirname(folder.work), workOf),
    sent: [],
    killed: Promise.withResolvers(),
    diskUsed: null,
    hasLostNetwork: false,
    end: null,
    contacts: null,
    hurry: null,
  };
}

/** Resolves when it is told how the job ended: by pid 1, which is then the last process of it, or by the end of its shim. */
export async function endTold({ attachment }: Workload): Promise<void> {
  await attachment?.ended;
}

/** Resolves when the shim of the job is gone. */
export async function shimGone({ attachment }: Workload): Promise<void> {
  await attachment?.gone;
}

/** To the whole tree; when it is gone, `settle` says. */
export function kill(job: Workload, groups: JobGroups): void {
  groups.sendKill(job.facts.group);
  job.sent.push("SIGKILL");
  job.killed.resolve();
}
