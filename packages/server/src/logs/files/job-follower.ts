import { chmodSync, type Stats, statSync } from "node:fs";
import { BerthError } from "@berth/protocol";
import type { Ends } from "../../core/output/output-record.ts";
import type { Clock } from "../../lib/clock.ts";
import type { FollowOptions, Follower } from "../log-store.ts";
import { GrowthWatch, type Pace } from "./growth-watch.ts";
import { type JobProgress, sealedMode } from "./job-progress.ts";

export interface JobFollowerOptions extends FollowOptions {
  progress: JobProgress;
  clock: Clock;
  pace: Pace;
  /** Called once, when following is over. */
  release: () => void;
}

/** A job that has run for less is one that was started just now. */
const resumedMs = 500;

/**
 * Notices that a job's index has grown, and reads the last record of it: never the output itself, so it costs the same
 * for a byte and for a gigabyte. It writes only at the end, what the engine could not record any more.
 */
export class JobFollower implements Follower {
  readonly #options: JobFollowerOptions;
  readonly #watch: GrowthWatch;
  #lastOutputAt: number;
  #finished: Promise<Ends> | null = null;

  constructor(options: JobFollowerOptions) {
    const { progress, clock, pace, startedAt, steppedMs = 0 } = options;
    this.#options = options;
    this.#lastOutputAt = clock.monotonic();
    if (progress.state !== "ended") progress.become("following");
    const isAwaited = (): boolean => progress.isAwaited;
    this.#watch = new GrowthWatch({
      file: progress.folder.index,
      clock,
      pace,
      look: () => this.#look(),
      isAwaited,
    });
    progress.refresh = () => this.#watch.refresh();
    progress.awaited = () => this.#watch.await();
    if (startedAt !== undefined) this.#lookBack(startedAt, steppedMs);
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
      progress.reload();
      this.#recordRest();
      this.#seal();
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
    this.#options.progress.awaited = () => undefined;
  }

  /** What lies in the files behind the last record: whoever moved it there was killed before it could record it. */
  #recordRest(): void {
    const { progress, clock } = this.#options;
    const [stdout, stderr] = [statOf(progress.folder.stdout), statOf(progress.folder.stderr)];
    const end = {
      stdout: Math.max(stdout?.size ?? 0, progress.end.stdout),
      stderr: Math.max(stderr?.size ?? 0, progress.end.stderr),
    };
    if (end.stdout === progress.end.stdout && end.stderr === progress.end.stderr) return;
    const first = (stderr?.mtimeMs ?? 0) < (stdout?.mtimeMs ?? 0) ? "stderr" : "stdout";
    progress.append({ at: clock.now(), first, end });
  }

  /** Marks the output as complete. A job that never started has no files. */
  #seal(): void {
    const { folder } = this.#options.progress;
    if (statOf(folder.stdout)) chmodSync(folder.stdout, sealedMode);
  }

  /** A failing disk must not end the server: growth that cannot be read is not shown, and looked for again. */
  #look(): boolean {
    const { progress, clock } = this.#options;
    try {
      const before = progress.changedAt;
      const hasGrown = progress.reload();
      // Written without having grown: what came was dropped.
      if (hasGrown || progress.changedAt !== before) this.#lastOutputAt = clock.monotonic();
      return hasGrown;
    } catch {
      return true;
    }
  }

  /** The job was taken up after its start: its last output may be older than this look at it. */
  #lookBack(startedAt: number, steppedMs: number): void {
    const { clock, progress } = this.#options;
    const runsForMs = clock.now() - startedAt;
    if (runsForMs < resumedMs) return;
    // Whether the last output came before or after the step nobody can tell: it is taken for the later one.
    const quietForMs = clock.now() - progress.changedAt - Math.max(steppedMs, 0);
    this.#lastOutputAt = clock.monotonic() - Math.max(Math.min(runsForMs, quietForMs), 0);
  }
}

function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}
