import { chmodSync, mkdirSync, renameSync } from "node:fs";
import { chmod, mkdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { abortable } from "../../../lib/signals.ts";
import { backoffMs } from "../../../lib/retry.ts";
import { EngineError } from "../../engine.ts";
import type { IdRanges } from "../bundle/id-range.ts";
import type { EngineFolders } from "../data-folders.ts";
import type { JobGroups } from "../groups/job-groups.ts";
import { removeFolder } from "../work/remove-folder.ts";
import type { UntouchedFolders } from "../work/untouched-folders.ts";
import { FifoSupply } from "./fifo-supply.ts";
import { Slot } from "./slot.ts";
import type { Spawner } from "./spawner.ts";

export interface SlotPoolOptions {
  folders: EngineFolders;
  spawner: Spawner;
  groups: JobGroups;
  ranges: IdRanges;
  /** Begins the names of folders and groups, so that two servers on one host know theirs. */
  prefix: string;
  untouched: UntouchedFolders;
  onNotice: (notice: string, detail: Record<string, unknown>) => void;
  /** Places to keep ready. */
  spare: number;
}

/** When for so long no place has come to be, starts are refused instead of waiting on. */
const PATIENCE_MS = 5000;

/**
 * Keeps places ready. Moving a process into a control group makes the kernel wait for all its readers, about 7 ms on a
 * quiet host; forking and making folders, groups and FIFOs costs another. All that is done before a job comes.
 */
export class SlotPool implements AsyncDisposable {
  readonly #options: SlotPoolOptions;
  /** Names are never used twice, also not by another server on the same folder. */
  readonly #boot = `${Date.now().toString(36)}${process.pid.toString(36)}`;
  readonly #ready: Slot[] = [];
  readonly #making = new Set<Slot>();
  readonly #wanted: PromiseWithResolvers<Slot>[] = [];
  #underWay = 0;
  readonly #work = new Set<Promise<void>>();
  #made = 0;
  readonly #fifos: FifoSupply;
  #failures = 0;
  /** When the first of the last failures in a row was, in ms of this process. */
  #failingSince = 0;
  #closed = false;

  constructor(options: SlotPoolOptions) {
    this.#options = options;
    this.#fifos = new FifoSupply(options.folders.fifos, options.spawner);
    options.spawner.onRestart(() => this.#startOver());
  }

  /** Begins to make places. */
  open(): void {
    this.#fill();
  }

  /** The next ready place; it is the caller's from then on. */
  async take(signal: AbortSignal): Promise<Slot> {
    const slot = this.#ready.shift();
    setImmediate(() => this.#fill());
    if (slot) return slot;
    const wanted = Promise.withResolvers<Slot>();
    this.#wanted.push(wanted);
    this.#fill();
    try {
      return await abortable(wanted.promise, signal);
    } catch (error) {
      const index = this.#wanted.indexOf(wanted);
      if (index >= 0) this.#wanted.splice(index, 1);
      else
        void wanted.promise.then(
          (late) => this.#keep(late),
          () => undefined,
        );
      throw error;
    }
  }

  /** Ends the shim of a place that was not used, and removes it. What cannot be removed goes with the next sweep. */
  async discard(slot: Slot): Promise<void> {
    const { groups, ranges, spawner, onNotice } = this.#options;
    try {
      slot.release();
      slot.attachment.close();
      await removeFolder(slot.work, () => spawner.remove(basename(slot.work)));
      await rm(slot.folder, { recursive: true, force: true });
      await groups.remove(slot.name);
      ranges.release(slot.ids);
    } catch (error) {
      onNotice("a prepared place could not be removed", { name: slot.name, error: String(error) });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#wanted.splice(0)) reject(unavailable("the engine is closed"));
    // Those that are being made end with nothing, or are thrown away as soon as they are there.
    for (const slot of this.#making) slot.attachment.abandon();
    await Promise.all([...this.#ready.splice(0).map((slot) => this.discard(slot)), ...this.#work]);
  }

  #fill(): void {
    if (this.#closed) return;
    const { spare } = this.#options;
    while (this.#ready.length + this.#underWay < spare + this.#wanted.length && this.#underWay <= 2 * spare) {
      this.#underWay += 1;
      const work = this.#make().finally(() => {
        this.#underWay -= 1;
        this.#work.delete(work);
        this.#fill();
      });
      this.#work.add(work);
    }
  }

  async #make(): Promise<void> {
    try {
      const slot = await this.#prepare();
      if (slot && this.#closed) await this.discard(slot);
      else if (slot) this.#keep(slot);
      else await this.#failed(new Error("the spawner did not take it"));
    } catch (error) {
      await this.#failed(error);
    }
  }

  #keep(slot: Slot): void {
    if (this.#closed) {
      void this.discard(slot);
      return;
    }
    this.#failures = 0;
    // A shim that dies while it waits is of no use to anybody.
    void slot.attachment.gone.then(() => {
      const index = this.#ready.indexOf(slot);
      if (index < 0) return;
      this.#ready.splice(index, 1);
      void this.discard(slot);
      this.#fill();
    });
    const wanted = this.#wanted.shift();
    if (wanted) wanted.resolve(slot);
    else this.#ready.push(slot);
  }

  async #failed(error: unknown): Promise<void> {
    if (this.#closed) return;
    if (this.#failures === 0) this.#failingSince = performance.now();
    this.#failures += 1;
    if (performance.now() - this.#failingSince > PATIENCE_MS) {
      const why = this.#options.spawner.lastWords || (error as Error).message;
      for (const { reject } of this.#wanted.splice(0)) reject(unavailable(why));
    }
    await delay(backoffMs(this.#failures, { maxMs: 1000 }), undefined, { ref: false });
  }

  /** Makes folder, FIFOs and groups, and asks for the shim; null when that one did not come up. */
  async #prepare(): Promise<Slot | null> {
    const pair = await this.#fifos.takePair();
    if (!pair) return null;
    const slot = await this.#makeSlot(pair);
    this.#making.add(slot);
    const ready = this.#options.spawner.slot(slot.name, slot.ids) && (await slot.attachment.ready);
    // Whoever took it from the set has also cleared it away.
    if (!this.#making.delete(slot)) return null;
    if (ready) return slot;
    await this.discard(slot);
    return null;
  }

  async #makeSlot([alive, go]: [string, string]): Promise<Slot> {
    const { folders, groups, prefix, ranges, untouched } = this.#options;
    const ids = ranges.take();
    const name = `${prefix}${this.#boot}-${this.#made}`;
    this.#made += 1;
    const [folder, work] = [join(folders.control, name), join(folders.work, name)];
    try {
      // In memory, where the thread pool would cost more than the work.
      mkdirSync(folder);
      chmodSync(folder, 0o711);
      renameSync(alive, join(folder, "alive"));
      renameSync(go, join(folder, "go"));
      const kept = untouched.take();
      if (kept !== null) renameSync(kept, work);
      else {
        await mkdir(work);
        await chmod(work, 0o755);
      }
      groups.create(name);
      return new Slot(folders, { name, ids });
    } catch (error) {
      for (const path of [folder, work]) await rm(path, { recursive: true, force: true });
      await groups.remove(name);
      ranges.release(ids);
      throw error;
    }
  }

  /** What the dead spawner had not answered it may have done or not: those places are given up. */
  #startOver(): void {
    const given = [...this.#making];
    this.#making.clear();
    for (const slot of given) {
      slot.attachment.abandon();
      void this.discard(slot);
    }
    this.#fill();
  }
}

function unavailable(why: string): EngineError {
  return new EngineError(`Cannot start jobs on this host: ${why}`, { blame: "engine", retryable: true });
}
