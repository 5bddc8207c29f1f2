import { closeSync, constants, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
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
/** After one was taken: by then the job is with the runtime, and this thread has nothing to do. */
const restockAfterMs = 3;
/** After one could not be made, as for want of descriptors or room. */
const tryAgainAfterMs = 1000;

const forCreating = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * Output folders made before their jobs come: making one takes a new folder and three new files, up to a millisecond and
 * a half on a disk that has seen many files go, and its job would wait for that. What is left of an earlier server is
 * thrown away.
 */
export class ReadyFolders implements Disposable {
  readonly #folder: string;
  readonly #files: readonly string[];
  readonly #clock: Clock;
  readonly #ready: string[] = [];
  readonly #report: (what: string, error: unknown) => void;
  #made = 0;
  #isFailing = false;
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

  [Symbol.dispose](): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  #restockSoon(afterMs = restockAfterMs): void {
    this.#cancelTimer ??= this.#clock.setTimer(this.#clock.now() + afterMs, () => {
      this.#cancelTimer = null;
      // One at a time, so that nothing else waits long.
      if (this.#ready.length >= mostReady) return;
      if (!this.#make()) this.#restockSoon(tryAgainAfterMs);
      else if (this.#ready.length < mostReady) this.#restockSoon();
    });
  }

  /** False when the system does not let it: then jobs make their own, and hear why. */
  #make(): boolean {
    const path = join(this.#folder, String(this.#made));
    this.#made += 1;
    try {
      mkdirSync(path, { mode: 0o700 });
      for (const name of this.#files) closeSync(openSync(join(path, name), forCreating, 0o600));
      this.#ready.push(path);
      this.#isFailing = false;
      return true;
    } catch (error) {
      if (!this.#isFailing) this.#report("Cannot make output folders ahead, it is tried again", error);
      this.#isFailing = true;
      removeIfPossible(path);
      return false;
    }
  }
}

/** What stands in the way of making may stand in the way of removing too; the next server throws it away. */
function removeIfPossible(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    return;
  }
}
