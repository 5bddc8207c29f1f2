/** How often a running job's folder is measured. */
const EVERY_MS = 2000;

export interface DiskWatch {
  limitBytes: number;
  /** Bytes on disk now; null when nobody can say. */
  measure: () => Promise<number | null>;
  /** Called once, when there is more than the limit. */
  onExceeded: (usedBytes: number) => void;
}

/** Measures again and again until it is stopped or the limit is exceeded. Returns the way to stop. */
export function watchDisk({ limitBytes, measure, onExceeded }: DiskWatch): () => void {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const look = async (): Promise<void> => {
    const used = await measure().catch(() => null);
    if (stopped) return;
    if (used !== null && used > limitBytes) onExceeded(used);
    else again();
  };
  const again = (): void => {
    timer = setTimeout(() => void look(), EVERY_MS);
    timer.unref();
  };
  again();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
