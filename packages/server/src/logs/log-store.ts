import type { OutputStream } from "@berth/protocol";
import type { Automaton } from "./masks/automaton.ts";

/** Where an engine writes the output of a job: see LaunchOutput in engines/engine.ts. */
export interface OutputFiles {
  stdout: string;
  stderr: string;
  index: string;
}

/**
 * The output of jobs, kept in files of our own: `<data>/logs/<id>/stdout`, `stderr`, `index`.
 * An engine appends to the two files, and records in the index what came when; one follower per job notices that the
 * index has grown; every reader reads the files at its own pace. Implemented by `files/`.
 */
export interface LogStore extends AsyncDisposable {
  /** Where `create` makes the files of a job. JOB_NOT_FOUND as there. */
  files(jobId: string): OutputFiles;
  /**
   * Makes the files of a job that is about to start, and says where they are. Idempotent. Ids are UUIDs of version 7 in
   * lower case, with `.POSITION` for a stage of the job that has an output of its own (`core/stages/output-of-stage.ts`);
   * here and in `follow` any other is JOB_NOT_FOUND, elsewhere it is a job without output.
   */
  create(jobId: string): Promise<OutputFiles>;
  /**
   * Begins to notice growth; one follower per job at a time. Readers that follow wait for a follower, and end when it finishes: a job that ends without ever having
   * been followed (canceled in the queue, not started, lost) is told so by `follow(...).finish()`.
   */
  follow(jobId: string, options?: FollowOptions): Follower;
  /** Bytes of each stream as of now. */
  sizes(jobId: string): Promise<{ stdout: number; stderr: number }>;
  /**
   * Reads from an offset of the asked stream; with `follow` until the job has ended and all is read, else up to where it
   * is now. The order of `all` is the same for every reader, for ever. A reader that waits is ended by its signal, whose
   * reason it throws; with SHUTTING_DOWN when the server goes down.
   *
   * Throws OFFSET_OUT_OF_RANGE at once for an offset past the end, or, when following a running job, once it has ended
   * before that offset.
   */
  read(jobId: string, request: ReadRequest): AsyncIterable<LogChunk>;
  /** At most `maxBytes` from the start, or from the end. */
  head(jobId: string, stream: "stdout" | "stderr", maxBytes: number): Promise<Uint8Array>;
  tail(jobId: string, stream: "stdout" | "stderr", maxBytes: number): Promise<Uint8Array>;
  /** Removes a job's output, with that of its stages. Idempotent. */
  delete(jobId: string): Promise<void>;
  /** Jobs that have output here, and the bytes it holds on disk: once for each stage. For retention and sweeps. */
  list(): AsyncIterable<{ jobId: string; bytes: number }>;
}

export interface FollowOptions {
  /** Epoch ms since when the job runs: from then on its index tells when output came last. Default: now. */
  startedAt?: number;
  /** How far the clock was set since, in ms: what was written before bears the time that the clock showed then. */
  steppedMs?: number;
}

export interface Follower {
  /** Monotonic ms of the last growth; the job's start before the first. A step of the wall clock does not move it. */
  readonly lastOutputAt: number;
  /**
   * The job has ended: records what its engine could not record any more, and ends all readers that follow. Idempotent.
   * STORAGE_FAILED when that cannot be recorded: readers wait on, and it may be asked again, or detached.
   */
  finish(): Promise<{ stdout: number; stderr: number }>;
  /** The server goes down while the job runs: stops noticing, keeps everything. Following readers end with an error. */
  detach(): Promise<void>;
}

export interface ReadRequest {
  stream: OutputStream;
  offset: number;
  follow: boolean;
  signal: AbortSignal;
  /** What is shown as asterisks, byte for byte. Default null: everything is shown. */
  masks?: Automaton | null;
}

/** Up to 64 KiB of one stream. `offset` counts in the stream that was asked for, `at` is epoch ms. */
export interface LogChunk {
  stream: "stdout" | "stderr";
  offset: number;
  at: number;
  data: Uint8Array;
  /**
   * Tells that nobody looks at `data` any more (also no socket): its memory may then be used for a later chunk.
   * Never needed; without it memory is collected as usual, which costs about half a second of CPU per GiB.
   */
  release?: () => void;
}
