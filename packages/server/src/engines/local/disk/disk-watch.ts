/** How often a running job's folder is measured, where that is quick. */
const EVERY_MS = 2000;
/** Where it is not, measuring takes this part of one core at most. */
const MOST_OF_A_CORE = 0.1;

/** What a job's folder takes of the disk. */
export interface Measured {
  bytes: number;
  /** The size of the largest file, holes included. */
  largestBytes: number;
  /** What of `bytes` files take that have no name any more and are still open. */
  removedBytes: number;
  /** Files and folders, each once. */
  files: number;
}

/** What a job may take of the disk. */
export interface DiskLimit {
  bytes: number;
  /** null where the file system has as many as there is room for. */
  files: number | null;
}

export function isOver({ bytes, files }: Measured, limit: DiskLimit): boolean {
  return bytes > limit.bytes || files > (limit.files ?? Number.POSITIVE_INFINITY);
}

export interface DiskWatch {
  limit: DiskLimit;
  /** null when nobody can say. */
  measure: () => Promise<Measured | null>;
  /** Called once, when there is more than the limit; again after the next look when it throws. */
  onExceeded: (measured: Measured) => void;
  /** For tests. Default 2 s. */
  everyMs?: number;
}

/** Measures again and again until it is stopped or the limit is exceeded. Returns the way to stop. */
export function watchDisk({ limit, measure, onExceeded, everyMs = EVERY_MS }: DiskWatch): () => void {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const look = async (): Promise<void> => {
    const began = performance.now();
    const used = await measure().catch(() => null);
    if (stopped) return;
    if (used === null || !isOver(used, limit) || !hasTold(used))
      again((performance.now() - began) / MOST_OF_A_CORE);
  };
  /** False where the job cannot be ended now, as for want of descriptors: nobody else would try it again. */
  const hasTold = (used: Measured): boolean => {
    try {
      onExceeded(used);
      return true;
    } catch {
      return false;
    }
  };
  const again = (pauseMs: number): void => {
    timer = setTimeout(() => void look(), Math.max(everyMs, pauseMs));
    timer.unref();
  };
  again(0);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
