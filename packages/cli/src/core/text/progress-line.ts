import { formatDuration, formatSize } from "@berth/protocol/units";
import type { Output } from "../output.ts";

export interface Progress {
  /** What is done, as in `Sending`. */
  verb: string;
  bytes: number;
  size: number;
}

/** Often enough to see that it moves. */
const EVERY_MS = 100;
const WIDEST_BAR = 30;

/** One line of a terminal that says how far something is, written over and over; nothing where there is no terminal. */
export class ProgressLine implements Disposable {
  readonly #err: Output;
  readonly #now: () => number;
  #verb = "";
  #began = { at: 0, bytes: 0 };
  #shownAt = Number.NEGATIVE_INFINITY;
  #shown = 0;

  constructor(err: Output, now: () => number = () => performance.now()) {
    this.#err = err;
    this.#now = now;
  }

  show(progress: Progress): void {
    const now = this.#now();
    const isNew = progress.verb !== this.#verb;
    if (isNew) {
      this.#verb = progress.verb;
      this.#began = { at: now, bytes: progress.bytes };
    }
    const isEnd = progress.bytes >= progress.size && this.#shown < progress.size;
    if (!isNew && !isEnd && now - this.#shownAt < EVERY_MS) return;
    [this.#shownAt, this.#shown] = [now, progress.bytes];
    const { at, bytes } = this.#began;
    this.#write(lineOf(progress, { columns: this.#err.columns ?? 80, ms: now - at, since: bytes }));
  }

  [Symbol.dispose](): void {
    if (this.#verb !== "") this.#write("");
  }

  #write(text: string): void {
    // Along with what goes on: nobody waits until it is read.
    if (this.#err.isTerminal && !this.#err.broken.aborted)
      this.#err.write(`\r\u{1b}[K${text}`).catch(() => undefined);
  }
}

/** As in `Sending [#####.....] 50 % of 1 GiB, 120 MiB/s, 4s left`; shorter where the terminal is narrow. */
export function lineOf(
  { verb, bytes, size }: Progress,
  { columns, ms, since }: { columns: number; ms: number; since: number },
): string {
  const share = size === 0 ? 1 : Math.min(bytes / size, 1);
  const percent = `${Math.floor(share * 100)} % of ${formatSize(size)}`;
  const speed = ms < 1000 ? 0 : ((bytes - since) / ms) * 1000;
  const left = bytes < size ? `, ${formatDuration(wholeSeconds(size - bytes, speed))} left` : "";
  const pace = speed === 0 ? "" : `, ${formatSize(Math.round(speed))}/s${left}`;
  const room = columns - `${verb} [] ${percent}${pace}`.length - 1;
  const width = Math.min(room, WIDEST_BAR);
  if (width < 4) return `${verb} ${percent}`.slice(0, columns - 1);
  const full = Math.floor(share * width);
  return `${verb} [${"#".repeat(full)}${".".repeat(width - full)}] ${percent}${pace}`;
}

function wholeSeconds(bytes: number, speed: number): number {
  return Math.ceil(bytes / speed) * 1000;
}
