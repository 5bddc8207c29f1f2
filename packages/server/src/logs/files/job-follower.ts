import { chmodSync, type Stats, statSync } from "node:fs";
import { truncate } from "node:fs/promises";
import { BerthError } from "@berth/protocol";
import type { Clock } from "../../lib/clock.ts";
import type { FollowOptions, Follower } from "../log-store.ts";
import { mergeWindowMs, spacingMs } from "./coalescing.ts";
import { GrowthWatch, type Pace } from "./growth-watch.ts";
import { type JobProgress, sealedMode } from "./job-progress.ts";
import { type Ends, otherStream, type Stream } from "./output-record.ts";

export interface JobFollowerOptions extends FollowOptions {
  progress: JobProgress;
  clock: Clock;
  pace: Pace;
  /** Called once, when following is over. */
  release: () => void;
}

const streams = ["stdout", "stderr"] as const;

interface Sizes extends Ends {
  /** Bytes on disk, which a job can also take behind the end of its file, where no size shows them. */
  held: Ends;
  older: Stream;
  /** Epoch ms of the last change of either. */
  changedAt: number;
}

/** A job that has run for less is one that was started just now. */
const resumedMs = 500;

/** File systems round up, and some set aside as much again behind a file that grows. */
const heldAllowance = 2 ** 20;
/** What is held behind a file's end and not worth the trip to give it back. */
const heldSlack = 2 ** 18;

/**
 * Notices that a job's files have grown, by their size alone: it never reads them, so it costs the same for a byte and
 * for a gigabyte. What a job takes back by truncating its file stays recorded; growth counts from there.
 */
export class JobFollower implements Follower {
  readonly #options: JobFollowerOptions;
  readonly #limit: number;
  readonly #watch: GrowthWatch;
  #lastOutputAt: number;
  #seen: Ends;
  #recordedAt = Number.NEGATIVE_INFINITY;
  #limitReported = false;
  #finished: Promise<Ends> | null = null;

  constructor(options: JobFollowerOptions) {
    const { progress, clock, pace, limitBytes } = options;
    this.#options = options;
    this.#limit = limitBytes === 0 ? Number.MAX_SAFE_INTEGER : limitBytes;
    this.#lastOutputAt = clock.monotonic();
    this.#seen = progress.end;
    progress.prepare();
    if (progress.state !== "ended") progress.become("following");
    this.#watch = new GrowthWatch({
      folder: progress.folder.path,
      clock,
      pace,
      look: (first) => this.#look(first),
    });
    progress.refresh = () => this.#watch.refresh();
    if (options.startedAt !== undefined) this.#lookBack(options.startedAt, options.steppedMs ?? 0);
  }

  get lastOutputAt(): number {
    return this.#lastOutputAt;
  }

  finish(): Promise<Ends> {
    this.#finished ??= this.#finish().catch((error: unknown) => {
      this.#finished = null;
      throw error;
    });
    return this.#finished;
  }

  async detach(): Promise<void> {
    if (this.#finished) return;
    this.#finished = Promise.resolve(this.#options.progress.end);
    this.#stop();
    this.#options.progress.become("detached");
    this.#options.release();
  }

  async #finish(): Promise<Ends> {
    const { progress, release } = this.#options;
    this.#stop();
    try {
      this.#record(this.#sizes(), { first: null, force: true });
      await this.#seal();
    } catch (error) {
      throw new BerthError("STORAGE_FAILED", "Cannot record the end of the output: the data disk fails", {
        cause: error,
      });
    }
    progress.become("ended");
    release();
    return progress.end;
  }

  #stop(): void {
    this.#watch[Symbol.dispose]();
    this.#options.progress.refresh = () => undefined;
  }

  /** Cuts off what lies past the limit or behind the end, and marks the output as complete. A job that never started has no files. */
  async #seal(): Promise<void> {
    const { folder, end } = this.#options.progress;
    for (const stream of streams) {
      const stat = statSync(folder[stream], { throwIfNoEntry: false });
      if (!stat) continue;
      const isExcess = stat.size > end[stream] || heldBy(stat) > stat.size + heldSlack;
      if (isExcess) await truncate(folder[stream], Math.min(stat.size, end[stream]));
    }
    if (statSync(folder.stdout, { throwIfNoEntry: false })) chmodSync(folder.stdout, sealedMode);
  }

  /** A failing disk must not end the server: growth that cannot be recorded is not shown, and tried again. */
  #look(first: Stream | null): boolean {
    try {
      return this.#record(this.#sizes(), { first, force: false });
    } catch {
      return true;
    }
  }

  #sizes(): Sizes {
    const { folder } = this.#options.progress;
    const [stdout, stderr] = [folder.stdout, folder.stderr].map((path) =>
      statSync(path, { throwIfNoEntry: false }),
    );
    const [outAt, errAt] = [stdout?.mtimeMs ?? 0, stderr?.mtimeMs ?? 0];
    const older = errAt < outAt ? "stderr" : "stdout";
    const held = { stdout: heldBy(stdout), stderr: heldBy(stderr) };
    return {
      stdout: stdout?.size ?? 0,
      stderr: stderr?.size ?? 0,
      held,
      older,
      changedAt: Math.max(outAt, errAt),
    };
  }

  /** The job was taken up after its start: its last output may be older than this look at it. */
  #lookBack(startedAt: number, steppedMs: number): void {
    const { clock } = this.#options;
    const runsForMs = clock.now() - startedAt;
    if (runsForMs < resumedMs) return;
    // Whether the last output came before or after the step nobody can tell: it is taken for the later one.
    const quietForMs = clock.now() - this.#sizes().changedAt - Math.max(steppedMs, 0);
    this.#lastOutputAt = clock.monotonic() - Math.max(Math.min(runsForMs, quietForMs), 0);
  }

  #record(sizes: Sizes, { first, force }: { first: Stream | null; force: boolean }): boolean {
    const { progress, clock } = this.#options;
    const moved = sizes.stdout !== this.#seen.stdout || sizes.stderr !== this.#seen.stderr;
    if (moved) this.#lastOutputAt = clock.monotonic();
    this.#seen = { stdout: sizes.stdout, stderr: sizes.stderr };
    const end = {
      stdout: Math.max(Math.min(sizes.stdout, this.#limit), progress.end.stdout),
      stderr: Math.max(Math.min(sizes.stderr, this.#limit), progress.end.stderr),
    };
    const held = !this.#write(end, { first: first ?? sizes.older, force });
    this.#reportLimit(sizes);
    return moved || held;
  }

  /** Writes growth to the index; false when some of it has to wait. */
  #write(end: Ends, { first, force }: { first: Stream; force: boolean }): boolean {
    const { progress, clock } = this.#options;
    const grown = streams.filter((stream) => end[stream] > progress.end[stream]);
    const [only] = grown;
    if (only === undefined) return true;
    const sinceMs = clock.monotonic() - this.#recordedAt;
    if (grown.length === 1 && progress.canExtend(only) && sinceMs < mergeWindowMs(progress.count)) {
      progress.extend(only, end[only]);
      return true;
    }
    if (!force && sinceMs < spacingMs(progress.count)) return false;
    const leading = grown.includes(first) ? first : otherStream(first);
    progress.append({ at: clock.now(), first: leading, end });
    this.#recordedAt = clock.monotonic();
    return true;
  }

  #reportLimit({ held, ...sizes }: Sizes): void {
    if (this.#limitReported) return;
    const over =
      streams.find((stream) => sizes[stream] > this.#limit) ??
      streams.find((stream) => held[stream] > 2 * this.#limit + heldAllowance);
    if (over === undefined) return;
    this.#limitReported = true;
    const bytes = sizes[over] > this.#limit ? sizes[over] : held[over];
    // Not from within `follow`: the listener may want the follower.
    queueMicrotask(() => this.#options.onLimit(over, bytes));
  }
}

function heldBy(stat: Pick<Stats, "blocks"> | undefined): number {
  return (stat?.blocks ?? 0) * 512;
}
