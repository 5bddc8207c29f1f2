import { closeSync, constants, mkdir, mkdirSync, open, renameSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Clock, systemClock } from "../../lib/clock.ts";

export interface ReadyFoldersOptions {
  /** Of the output of all jobs: folders that wait lie in one of its own below it. */
  root: string;
  /** Names of the files that a new folder holds, all empty. */
  files: readonly string[];
  clock?: Clock;
  /** Told once when no folder can be made ahead; it is tried again. */
  report?: ((what: string, error: unknown) => void) | undefined;
}

/** Jobs that may come at once before one has to wait for its folder to be made. */
const mostReady = 8;
/** After one was taken: most jobs are over by then, and their ends wait for the same disk. */
const restockAfterMs = 25;
/** After one could not be made, as for want of descriptors or room. */
const tryAgainAfterMs = 1000;

const forCreating = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * Output folders made before their jobs come: making one takes a new folder and three new files, 70 µs on most disks and
 * some ms on one that is slow, or has seen many files go. Its job would wait for that, and so would everybody else, were
 * it done on the event loop. What is left of an earlier server is thrown away.
 */
export class ReadyFolders implements AsyncDisposable {
  readonly #folder: string;
  readonly #files: readonly string[];
  readonly #clock: Clock;
  readonly #ready: string[] = [];
  readonly #report: (what: string, error: unknown) => void;
  #made = 0;
  #isFailing = false;
  #isClosed = false;
  #making: Promise<void> | null = null;
  #cancelTimer: (() => void) | null = null;

  constructor({ root, files, clock = systemClock, report = () => undefined }: ReadyFoldersOptions) {
    this.#folder = join(root, "ready");
    this.#files = files;
    this.#clock = clock;
    this.#report = report;
    rmSync(this.#folder, { recursive: true, force: true });
    mkdirSync(this.#folder, { mode: 0o700 });
    this.#restockSoon();
  }

  /** How many wait. */
  get count(): number {
    return this.#ready.length;
  }

  /** Moves one that is ready to `path`. False when there is none, or something is there already. */
  take(path: string): boolean {
    const ready = this.#ready.pop();
    this.#restockSoon();
    if (ready === undefined) return false;
    try {
      renameSync(ready, path);
      return true;
    } catch {
      this.#ready.push(ready);
      return false;
    }
  }

  /** What is being made is made first: nobody makes files any more when this is over. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    await this.#making;
  }

  #restockSoon(afterMs = restockAfterMs): void {
    if (this.#isClosed || this.#making !== null || this.#ready.length >= mostReady) return;
    this.#cancelTimer ??= this.#clock.setTimer(this.#clock.now() + afterMs, () => {
      this.#cancelTimer = null;
      this.#making = this.#restock().finally(() => {
        this.#making = null;
        this.#restockSoon(this.#isFailing ? tryAgainAfterMs : restockAfterMs);
      });
    });
  }

  /** One at a time, so that the disk is left to others too. Ends early where the system does not let it: then jobs make their own, and hear why. */
  async #restock(): Promise<void> {
    while (!this.#isClosed && this.#ready.length < mostReady && (await this.#make())) {
      // The next.
    }
  }

  async #make(): Promise<boolean> {
    const path = join(this.#folder, String(this.#made));
    this.#made += 1;
    try {
      await makeFolder(path, { mode: 0o700 });
      const made = await Promise.allSettled(this.#files.map((name) => makeFile(`${path}/${name}`)));
      const failed = made.find(({ status }) => status === "rejected");
      if (failed?.status === "rejected") throw failed.reason;
      this.#ready.push(path);
      this.#isFailing = false;
      return true;
    } catch (error) {
      if (!this.#isFailing) this.#report("Cannot make output folders ahead, it is tried again", error);
      this.#isFailing = true;
      // What stands in the way of making may stand in the way of removing too; the next server throws it away.
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
      return false;
    }
  }
}

const makeFolder = promisify(mkdir);
const openFile = promisify(open);

async function makeFile(path: string): Promise<void> {
  closeSync(await openFile(path, forCreating, 0o600));
}
