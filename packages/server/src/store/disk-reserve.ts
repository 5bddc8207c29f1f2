import { existsSync, rmSync, statfsSync } from "node:fs";
import { open, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../lib/clock.ts";

interface DiskReserve extends AsyncDisposable {
  /** Whether the reserve has been given up, for what has been accepted already, and nobody has made room since. */
  isSpent(): boolean;
}

export interface DiskReserveOptions {
  dataDir: string;
  clock: Clock;
  /** Told when the disk became full, and when it is no more. */
  report: (isFull: boolean) => void;
}

/** Enough for the last words of thousands of jobs: an end is a few kB. */
const reserveBytes = 8 * 2 ** 20;
/** No larger share than this of a small disk. */
const mostOfDisk = 1 / 16;
const lookEveryMs = 1000;

/**
 * Holds room on the data disk, and gives it up when jobs have filled the rest: their ends can then be written, and
 * nothing else may be, so who accepts jobs asks. Takes it again once there is room for it twice over. It is a file of that
 * size, so that it works on every file system.
 */
export function holdDiskReserve({ dataDir, clock, report }: DiskReserveOptions): DiskReserve {
  const path = join(dataDir, "reserve");
  const { blocks, bsize } = statfsSync(dataDir);
  const size = Math.floor(Math.min(reserveBytes, blocks * bsize * mostOfDisk));
  // What the last server has left, perhaps on a disk that is full now.
  let isHeld = existsSync(path);
  let isFull = false;
  let cancelTimer = (): void => {};
  let working = Promise.resolve();
  let isClosed = false;

  async function look(): Promise<void> {
    const free = await freeBytes(dataDir);
    if (isHeld && free < size / 2) {
      rmSync(path, { force: true });
      isHeld = false;
      if (!isFull) report((isFull = true));
    } else if (!isHeld && free > 2 * size) {
      isHeld = await fill(path, size);
      if (isHeld && isFull) report((isFull = false));
    }
  }

  function sleep(): void {
    if (isClosed) return;
    cancelTimer = clock.setTimer(clock.now() + lookEveryMs, () => {
      // A disk that cannot be asked is looked at again.
      working = look()
        .catch(() => undefined)
        .then(sleep);
    });
  }

  working = look()
    .catch(() => undefined)
    .then(sleep);
  return {
    // Looked at here and now: who has just deleted what filled the disk need not wait for the next look.
    isSpent: () => isFull && !hasRoom(dataDir, 2 * size),
    async [Symbol.asyncDispose]() {
      isClosed = true;
      cancelTimer();
      await working;
      cancelTimer();
    },
  };
}

function hasRoom(folder: string, bytes: number): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize > bytes;
  } catch {
    return false;
  }
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Writes a file of zeros; false, and nothing left of it, when there is no room. */
async function fill(path: string, size: number): Promise<boolean> {
  try {
    await using file = await open(path, "w", 0o600);
    await file.writeFile(Buffer.alloc(size));
    return true;
  } catch {
    rmSync(path, { force: true });
    return false;
  }
}
