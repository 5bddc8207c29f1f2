import { closeSync, constants, mkdirSync, openSync } from "node:fs";
import { lstat, opendir, rm } from "node:fs/promises";
import { BerthError } from "@berth/protocol";
import { type Clock, systemClock } from "../../lib/clock.ts";
import type { FollowOptions, Follower, LogChunk, LogStore, OutputFiles, ReadRequest } from "../log-store.ts";
import { readOutput } from "./block-reader.ts";
import { Pace } from "./growth-watch.ts";
import { JobFollower } from "./job-follower.ts";
import { HeldFile } from "./held-file.ts";
import { jobFolder, type JobFolder, jobOf } from "./job-folder.ts";
import { type HeldProgress, JobProgress } from "./job-progress.ts";
import type { Ends, Stream } from "../../core/output/output-record.ts";
import { ReadyFolders } from "./ready-folders.ts";
import { checkOffset, readJob } from "./read-job.ts";

export interface FileLogStoreOptions {
  /** Folder of the output of all jobs; made when it is not there. */
  root: string;
  /** Default: the system's. */
  clock?: Clock;
  /** Told of faults that nobody waits for; they are mended by themselves. */
  report?: (what: string, error: unknown) => void;
}

export function createFileLogStore({ root, clock = systemClock, report }: FileLogStoreOptions): LogStore {
  mkdirSync(root, { recursive: true, mode: 0o700 });
  return new FileLogStore({ root, clock, report });
}

const forAppending = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW;

class FileLogStore implements LogStore {
  readonly #root: string;
  readonly #clock: Clock;
  readonly #pace = new Pace();
  readonly #ready: ReadyFolders;
  readonly #live = new Map<string, JobProgress>();
  readonly #followers = new Map<string, JobFollower>();

  constructor({
    root,
    clock,
    report,
  }: { root: string; clock: Clock; report: FileLogStoreOptions["report"] }) {
    this.#root = root;
    this.#clock = clock;
    this.#ready = new ReadyFolders({ root, files: ["stdout", "stderr", "index"], report });
  }

  files(jobId: string): OutputFiles {
    const { path: _path, ...files } = this.#folder(jobId);
    return files;
  }

  async create(jobId: string): Promise<OutputFiles> {
    const { path, ...files } = this.#folder(jobId);
    if (this.#ready.take(path)) return files;
    try {
      mkdirSync(path, { mode: 0o700 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    for (const file of Object.values(files)) closeSync(openSync(file, forAppending, 0o600));
    return files;
  }

  follow(jobId: string, options: FollowOptions = {}): Follower {
    if (this.#followers.has(jobId)) throw new Error(`Job "${jobId}" has a follower`);
    const held = this.#hold(jobId);
    const release = (): void => {
      this.#followers.delete(jobId);
      held[Symbol.dispose]();
    };
    const { progress } = held;
    const follower = new JobFollower({ ...options, progress, clock: this.#clock, pace: this.#pace, release });
    this.#followers.set(jobId, follower);
    return follower;
  }

  async sizes(jobId: string): Promise<Ends> {
    return this.#look(jobId)?.end ?? { stdout: 0, stderr: 0 };
  }

  read(jobId: string, request: ReadRequest): AsyncIterable<LogChunk> {
    const progress = this.#look(jobId);
    if (progress) checkOffset(progress, request);
    return readJob(() => this.#hold(jobId), request);
  }

  async head(jobId: string, stream: Stream, maxBytes: number): Promise<Uint8Array> {
    const size = (await this.sizes(jobId))[stream];
    return this.#range(jobId, { stream, offset: 0, length: Math.min(size, maxBytes) });
  }

  async tail(jobId: string, stream: Stream, maxBytes: number): Promise<Uint8Array> {
    const size = (await this.sizes(jobId))[stream];
    const length = Math.min(size, maxBytes);
    return this.#range(jobId, { stream, offset: size - length, length });
  }

  async delete(jobId: string): Promise<void> {
    // Of its stages too; the last first, as whoever comes back after a crash looks for them from the first on.
    const stages: string[] = [];
    while (await isThere(jobFolder(this.#root, `${jobId}.${stages.length}`)))
      stages.unshift(`${jobId}.${stages.length}`);
    for (const outputId of [...stages, jobId]) await this.#delete(outputId);
  }

  async #delete(outputId: string): Promise<void> {
    const folder = jobFolder(this.#root, outputId);
    if (!folder) return;
    await this.#followers.get(outputId)?.detach();
    this.#live.get(outputId)?.become("ended");
    // Removes links as links, the folder's own too.
    await rm(folder.path, { recursive: true, force: true });
  }

  async *list(): AsyncGenerator<{ jobId: string; bytes: number }> {
    for await (const entry of await opendir(this.#root)) {
      const [jobId, folder] = [jobOf(entry.name), jobFolder(this.#root, entry.name)];
      if (jobId !== null && folder) yield { jobId, bytes: await bytesOnDisk(folder) };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ready[Symbol.asyncDispose]();
    await Promise.all([...this.#followers.values()].map((follower) => follower.detach()));
    for (const progress of this.#live.values()) if (progress.state === "idle") progress.become("detached");
  }

  async #range(
    jobId: string,
    { stream, offset, length }: { stream: Stream; offset: number; length: number },
  ): Promise<Uint8Array> {
    if (length <= 0) return new Uint8Array();
    using file = new HeldFile(this.#folder(jobId)[stream]);
    const into = Buffer.allocUnsafe(length);
    await readOutput(file, { offset, into });
    return into;
  }

  /** How far the output is now; null when the id cannot be of a job. */
  #look(jobId: string): JobProgress | null {
    const folder = jobFolder(this.#root, jobId);
    if (!folder) return null;
    const progress = this.#live.get(jobId) ?? new JobProgress(folder);
    progress.refresh();
    return progress;
  }

  #hold(jobId: string): HeldProgress {
    const progress = this.#live.get(jobId) ?? new JobProgress(this.#folder(jobId));
    this.#live.set(jobId, progress);
    progress.holders += 1;
    const letGo = (): void => {
      progress.holders -= 1;
      if (progress.holders === 0) this.#live.delete(jobId);
    };
    return { progress, [Symbol.dispose]: letGo };
  }

  #folder(jobId: string): JobFolder {
    const folder = jobFolder(this.#root, jobId);
    if (!folder)
      throw new BerthError(
        "JOB_NOT_FOUND",
        `Cannot find the output of job ${JSON.stringify(jobId)}: not an id`,
      );
    return folder;
  }
}

async function isThere(folder: JobFolder | null): Promise<boolean> {
  if (!folder) return false;
  return await lstat(folder.path).then(
    () => true,
    () => false,
  );
}

/** Blocks in use, not sizes: a sparse file of an exabyte holds nothing. */
async function bytesOnDisk({ stdout, stderr, index }: JobFolder): Promise<number> {
  const blocks = [stdout, stderr, index].map(async (path) => {
    try {
      return (await lstat(path)).blocks * 512;
    } catch {
      return 0;
    }
  });
  return (await Promise.all(blocks)).reduce((sum, bytes) => sum + bytes, 0);
}
