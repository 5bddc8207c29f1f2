import type { Job, OutputStream, Stage } from "@berth/protocol";
import { isTerminal } from "@berth/protocol/states";
import type { Connection } from "../../transport/retry.ts";
import { follow, type Source } from "../../transport/follow.ts";
import type { JobWire, OutputCall } from "./job-wire.ts";
import type { OutputChunk } from "./output-chunk.ts";

/** What to read of a job's output. */
export interface OutputOptions {
  /** Default `all`: both streams, in the order in which they were seen. */
  stream?: OutputStream | undefined;
  /**
   * Which of the job's stages, by its id or its kind, as `unpack`; with `follow` to the end of that stage. Default: the
   * one that runs the job's own code. Over REST only.
   */
  stage?: string | undefined;
  /** Where to begin, in bytes of that stream. Default 0. */
  offset?: number | undefined;
  /** Whether to go on until the job has ended. Default true; false ends with what is there now. */
  follow?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/** What reading needs of the job it belongs to. */
export interface OutputOwner {
  wire: JobWire;
  id: string;
  /** The job as it is now. */
  get(): Promise<Job>;
}

/** Pieces with stream, offset and time. Resumes at the exact byte after a cut connection. */
export function readChunks(owner: OutputOwner, options: OutputOptions): AsyncGenerator<OutputChunk, void> {
  const position = new Position(owner, options);
  const { wire, id } = owner;
  async function* fresh(pieces: AsyncIterable<OutputChunk | null>): AsyncGenerator<OutputChunk, void> {
    for await (const piece of pieces) {
      const unseen = piece === null ? position.finish() : position.accept(piece);
      if (unseen !== null) yield unseen;
    }
  }
  return follow(
    position.source(async (call) => fresh(await wire.openOutput(id, call))),
    position.limits,
  );
}

/** Bytes only, as fast as the connection brings them. Resumes at the exact byte after a cut connection. */
export function readBytes(owner: OutputOwner, options: OutputOptions): AsyncGenerator<Uint8Array, void> {
  const position = new Position(owner, options);
  const { wire, id } = owner;
  async function* counted(pieces: AsyncIterable<Uint8Array | null>): AsyncGenerator<Uint8Array, void> {
    for await (const piece of pieces) {
      if (piece === null) position.finish();
      else {
        position.advance(piece.length);
        yield piece;
      }
    }
  }
  return follow(
    position.source(async (call) => counted(await wire.openBytes(id, call))),
    position.limits,
  );
}

/** How far a reader has got, and how it knows that it has got everything. */
class Position {
  readonly limits: { patienceMs: number; connection: Connection; signal: AbortSignal | undefined };
  readonly #owner: OutputOwner;
  readonly #follow: boolean;
  readonly #stream: OutputStream;
  readonly #stage: string | undefined;
  #offset: number;
  #finished = false;
  /** Where the last answer began, once the job was known to have ended. */
  #endedAt: number | null = null;

  constructor(owner: OutputOwner, options: OutputOptions) {
    this.#owner = owner;
    this.#stream = options.stream ?? "all";
    this.#stage = options.stage;
    this.#offset = options.offset ?? 0;
    this.#follow = options.follow ?? true;
    this.limits = {
      patienceMs: owner.wire.patience.followMs,
      connection: owner.wire.connection,
      signal: options.signal,
    };
  }

  source<T>(open: (call: OutputCall) => Promise<AsyncIterable<T>>): Source<T> {
    return {
      url: this.#owner.wire.url,
      open: (signal) =>
        open({
          stream: this.#stream,
          stage: this.#stage,
          offset: this.#offset,
          follow: this.#follow,
          signal,
        }),
      isOver: () => this.#isOver(),
    };
  }

  /** The server has said that all is here. */
  finish(): null {
    this.#finished = true;
    return null;
  }

  advance(bytes: number): void {
    this.#offset += bytes;
  }

  /** Takes a piece, without what was already there; null when nothing of it is new. */
  accept(piece: OutputChunk): OutputChunk | null {
    const { offset, data } = piece;
    const known = Math.min(Math.max(this.#offset - offset, 0), data.length);
    this.#offset = Math.max(this.#offset, offset + data.length);
    if (known === 0) return data.length === 0 ? null : piece;
    return data.length === known ? null : { ...piece, offset: offset + known, data: data.subarray(known) };
  }

  /**
   * A stream that follows ends in order when the job has ended, but also when a proxy tires. So it is over when the
   * server says so, or, where the format has no words for it, when the job is known to have ended and every byte is
   * here: by the job's own count, or because one more answer brought nothing.
   */
  async #isOver(): Promise<boolean> {
    if (this.#finished || !this.#follow || this.#endedAt === this.#offset) return true;
    const job = await this.#owner.get();
    const stage = this.#stage === undefined ? job : stageOf(job, this.#stage);
    const state = isTerminal(job.state) ? job.state : stage?.state;
    if (state === undefined || (state !== "skipped" && !isTerminal(state))) return false;
    this.#endedAt = this.#offset;
    return this.#stream === "all" && stage?.usage.outputBytes === this.#offset;
  }
}

function stageOf({ stages = [] }: Job, text: string): Stage | undefined {
  return stages.find(({ id }) => id === text) ?? stages.findLast(({ kind }) => kind === text);
}
