import { readdirSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Contacts } from "../../../core/network/contact.ts";
import { crashPoint } from "../../../lib/crash-point.ts";
import { sinceBootMs } from "../../../lib/time/boot-moment.ts";
import type { EngineUsage, Exit, Recovered } from "../../engine.ts";
import type { IdRanges } from "../bundle/id-range.ts";
import type { EngineFolders } from "../host/data-folders.ts";
import type { JobGroups } from "../groups/job-groups.ts";
import type { HostMemory } from "../host/host-memory.ts";
import { isJobId } from "./handle.ts";
import { Heirs } from "./heirs.ts";
import { JobFolder } from "./job-folder.ts";
import type { JobFacts } from "./job-facts.ts";
import { settle } from "./settle.ts";
import { Attachment } from "../spawner/attachment.ts";
import type { Spawner } from "../spawner/spawner.ts";
import type { Networks } from "../networks/networks.ts";
import type { JobNames } from "../resolver/job-names.ts";
import type { PlaceNetwork } from "../networks/place-network.ts";
import type { ProjectQuota } from "../disk/project-quota.ts";
import { type Measured, watchDisk } from "../disk/disk-watch.ts";
import { removeFolder, removeOverlay, removeSteering } from "../work/remove-folder.ts";
import type { UntouchedFolders } from "../work/untouched-folders.ts";
import { StuckTrees } from "./stuck-trees.ts";
import { kill, newWorkload, type Workload } from "./workload.ts";

export interface LocalJobsOptions {
  folders: EngineFolders;
  groups: JobGroups;
  ranges: IdRanges;
  spawner: Spawner;
  onNotice: (notice: string, detail: Record<string, unknown>) => void;
  untouched: UntouchedFolders;
  memory: HostMemory;
  /** Of the file system; null where folders are measured. */
  quota: ProjectQuota | null;
  networks: Pick<Networks, "revoke" | "giveBack" | "contacts">;
  names: Pick<JobNames, "dismiss" | "named">;
  /** Files and folders that one job may have, see `mostFilesOn`. */
  mostFiles: number | null;
}

/** So long a shim whose job has ended is waited for. */
const PATIENCE_MS = 2000;

/** The jobs on this host: those that this server started, and those that it finds by their folders. */
export class LocalJobs implements Disposable {
  readonly #options: LocalJobsOptions;
  readonly #known = new Map<string, Workload>();
  readonly #stuck: StuckTrees;
  readonly #heirs = new Heirs();
  readonly #removals = new Map<string, Promise<void>>();
  /** When what holds networks was changed last, by the clock of `startedMs`; null: never. */
  #networksLostMs: number | null = null;

  constructor(options: LocalJobsOptions) {
    this.#options = options;
    this.#stuck = new StuckTrees({ ...options, remove: (id) => this.remove(id) });
  }

  /** Watches over a job that runs. */
  add(job: Workload): void {
    this.#known.set(job.id, job);
    this.#heirs.add(job.id, job.facts);
    this.end(job).catch(() => undefined);
    if (job.facts.diskBytes !== null) this.#watchDisk(job, job.facts.diskBytes);
    // It was under way meanwhile, or nobody had looked for it yet.
    this.#endIfLost(job);
  }

  /** null when nothing of this job is here. */
  find(id: string): Workload | null {
    const known = this.#known.get(id);
    if (known) return known;
    const folder = this.folder(id);
    const facts = folder.facts();
    if (!facts) return null;
    const attachment = Attachment.reopen(folder.alive);
    const job = newWorkload(folder, { id, facts, attachment, untouchedSince: null });
    this.add(job);
    return job;
  }

  folder(id: string): JobFolder {
    return new JobFolder(this.#options.folders, id);
  }

  /** Settles once for all who ask. What failed, as for want of descriptors, is tried again for who asks later. */
  end(job: Workload): Promise<Exit> {
    job.end ??= settle(job, {
      ...this.#options,
      measure: (one) => this.#measure(one),
      // Whoever asks for the end asks for this next.
      onGone: () => void this.contacts(job).catch(() => undefined),
    }).catch((error: unknown) => {
      job.end = null;
      throw error;
    });
    return job.end;
  }

  /** What it has reached and was refused, as it was at its end for all who ask after that; null of one without a network. */
  contacts(job: Workload): Promise<Contacts | null> {
    const asked = job.contacts ?? this.#readContacts(job);
    if (job.attachment?.isEnded !== false) job.contacts = asked;
    // What failed is asked for again.
    asked.catch(() => {
      if (job.contacts === asked) job.contacts = null;
    });
    return asked;
  }

  async recover(id: string): Promise<Recovered> {
    const job = this.find(id);
    if (!job) return await this.#neverStarted(id);
    // Its shim either reads its line now, or sees that the server which held the other end is gone.
    if (!job.folder.hasStarted()) await job.attachment?.handedOver;
    if (!job.folder.hasStarted()) return await this.#neverStarted(id);
    const isWatched = job.attachment !== null && !job.attachment.isGone;
    const startedAt = job.folder.startedAt();
    const ended = job.folder.hasEnded();
    const found = { kind: "found", startedAt, ageMs: ageOf(job), ...stopAgeOf(job) } as const;
    if (isWatched || ended) return { ...found, ended };
    const { verdict } = await this.end(job);
    if (verdict?.kind === "lost") return { kind: "lost", startedAt, why: verdict.reason };
    return { ...found, ended: true };
  }

  /** Somebody else has changed what holds the networks of jobs: nobody knows what those reach that have begun. */
  endNetworked(): void {
    this.#networksLostMs = sinceBootMs();
    for (const job of this.#known.values()) this.#endIfLost(job);
  }

  usage({ facts }: Workload): EngineUsage | null {
    return this.#options.groups.usage(facts.group, facts.ownProcesses);
  }

  ids(): string[] {
    const { control, work } = this.#options.folders;
    return [...new Set([...readdirSync(control), ...readdirSync(work)])].filter(isJobId);
  }

  /** What an earlier server wrote of all jobs that are here, before anything of them is removed. */
  allFacts(): JobFacts[] {
    return this.ids().flatMap((id) => {
      const facts = this.folder(id).facts();
      if (facts === null) return [];
      this.#heirs.add(id, facts);
      return [facts];
    });
  }

  /**
   * Ends what runs and removes everything. Several calls at once are one. What others have as /work goes with the last
   * of them.
   */
  async remove(id: string): Promise<void> {
    const removal = this.#removals.get(id) ?? this.#remove(id);
    this.#removals.set(id, removal);
    try {
      await removal;
    } finally {
      this.#removals.delete(id);
    }
  }

  /** Stops listening to all jobs; they go on. */
  [Symbol.dispose](): void {
    this.#stuck[Symbol.dispose]();
    for (const { attachment } of this.#known.values()) attachment?.close();
    this.#known.clear();
  }

  async #readContacts({ facts: { network }, folder }: Workload): Promise<Contacts | null> {
    if (!network) return null;
    const { networks, names } = this.#options;
    return await names.named(await networks.contacts(network.name), { network, lookups: folder.lookups });
  }

  async #remove(id: string): Promise<void> {
    const job = this.find(id);
    if (job && !(await this.#isLeft(job))) {
      this.#stuck.add(job);
      return;
    }
    if (this.#heirs.keep(id)) return;
    if (job) await this.#removeAll(job);
    else await this.#removeFolders(this.folder(id));
    this.#heirs.removed(id);
    await this.#removeOwner(id);
  }

  /** Whose folder this one had, where only that has kept it. One that fails is tried again with the removal of this one. */
  async #removeOwner(id: string): Promise<void> {
    const owner = this.#heirs.leave(id);
    if (owner === null) return;
    // It may have found just now that it must stay.
    await this.#removals.get(owner)?.catch(() => undefined);
    await this.remove(owner);
  }

  async #removeAll(job: Workload): Promise<void> {
    const { id } = job;
    const { groups, ranges } = this.#options;
    if (job.facts.network) await this.#leaveNetwork(job.facts.network);
    if (job.attachment?.hasLeftGroups !== true) await groups.remove(job.facts.group);
    if (job.facts.hasOverlay) await removeOverlay(this.#options.folders, job.facts);
    if (job.facts.workOf === undefined) await this.#removeWork(job);
    removeSteering(job.folder.path);
    this.#known.delete(id);
    if (job.facts.workOf === undefined) ranges.release(job.facts.ids);
  }

  /** While the facts are there: who finds them does it again. */
  async #leaveNetwork(network: PlaceNetwork): Promise<void> {
    const { networks, names } = this.#options;
    await Promise.all([names.dismiss(network), networks.revoke(network.name)]);
    crashPoint("net-revoked");
    networks.giveBack(network);
  }

  /** The ids of a folder are free only when it is gone: its files have them. */
  async #removeWork({ id, folder, facts, untouchedSince }: Workload): Promise<void> {
    const { untouched, spawner, quota } = this.#options;
    if (!untouched.keep(folder.work, untouchedSince))
      await removeFolder(folder.work, () => spawner.remove(id));
    if (facts.project !== null) await quota?.free(facts.project);
  }

  /** Ends what runs of it. False when processes are left that wait in the kernel. */
  async #isLeft(job: Workload): Promise<boolean> {
    const { groups } = this.#options;
    const { attachment } = job;
    // Its pid 1 and its shim are about to end: nobody has to be killed.
    if (attachment?.isEnded)
      await Promise.race([attachment.gone, delay(PATIENCE_MS, undefined, { ref: false })]);
    if (attachment?.hasLeftGroups !== true && groups.isPopulated(job.facts.group)) kill(job, groups);
    await this.end(job);
    return attachment?.hasLeftGroups === true || !groups.isPopulated(job.facts.group);
  }

  async #removeFolders({ id, path, work }: JobFolder): Promise<void> {
    await removeFolder(work, () => this.#options.spawner.remove(id));
    removeSteering(path);
  }

  /** Without a trace of a start: it was never begun, unless the host went down with the traces. */
  async #neverStarted(id: string): Promise<Recovered> {
    await this.remove(id);
    return { kind: this.#options.memory.forgotten ? "forgotten" : "never-started" };
  }

  async #measure({ work, facts: { group, project } }: Workload): Promise<Measured | null> {
    const held = project === null ? null : await this.#options.quota?.look(project);
    return held ?? (await this.#options.spawner.measure(basename(work), group));
  }

  /** At once: with patience it would go on reaching what it must not. */
  #endIfLost(job: Workload): void {
    const { facts, attachment, folder } = job;
    const isLost = this.#networksLostMs !== null && facts.startedMs <= this.#networksLostMs;
    if (!isLost || !facts.network || attachment?.isEnded !== false || folder.hasEnded()) return;
    job.hasLostNetwork = true;
    try {
      kill(job, this.#options.groups);
    } catch (error) {
      // Others are to end all the same.
      const why = (error as Error).message;
      this.#options.onNotice("a job whose network was lost could not be ended", { job: job.id, why });
    }
  }

  #watchDisk(job: Workload, bytes: number): void {
    const { groups } = this.#options;
    const stop = watchDisk({
      limit: { bytes, files: this.#options.mostFiles },
      measure: () => this.#measure(job),
      onExceeded: (used) => {
        job.diskUsed = used;
        kill(job, groups);
      },
    });
    void this.end(job).then(stop, stop);
  }
}

/** null for a job of a server that did not note it. */
function ageOf({ facts: { startedMs } }: Workload): number | null {
  return Number.isNaN(startedMs) ? null : sinceBootMs() - startedMs;
}

function stopAgeOf({ folder }: Workload): { stopAgeMs?: number } {
  const stopAgeMs = folder.stopAgeMs();
  return stopAgeMs === null ? {} : { stopAgeMs };
}
