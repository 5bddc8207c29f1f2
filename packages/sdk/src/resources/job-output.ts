import type { Job, OutputStream, Stage } from "@berth/protocol";
import { outputFramesType } from "@berth/protocol/output-frames";
import { routes } from "@berth/protocol/routes";
import { isTerminal } from "@berth/protocol/states";
import { asNative, fromBase64 } from "../transport/base64.ts";
import type { Connection } from "../transport/retry.ts";
import { follow, type Source } from "../transport/follow.ts";
import { readFrames } from "../transport/frames.ts";
import type { Http } from "../transport/http.ts";
import { readLines } from "../transport/lines.ts";
import { parseJson, parseNdjson } from "../transport/ndjson.ts";
import { parseSse } from "../transport/sse.ts";
import { asOutputChunk } from "./answers.ts";

/** A piece of a job's output. */
export interface OutputChunk {
  stream: "stdout" | "stderr";
  /** Where the piece begins, in bytes of the stream that was asked for. */
  offset: number;
  /** When the server saw it: ISO 8601, UTC. */
  at: string;
  data: Uint8Array;
}

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
  http: Http;
  id: string;
  /** The job as it is now. */
  get(): Promise<Job>;
}

/** The server sends a heartbeat every 15 s on a stream that can carry one: three missed ones are a dead connection. */
const SILENCE_MS = 45_000;

/** Bytes alone have no heartbeat: after this silence they are asked for anew, from where they were. */
const BARE_SILENCE_MS = 300_000;

const sseType = "text/event-stream";

/** Pieces with stream, offset and time. Resumes at the exact byte after a cut connection. */
export function readChunks(owner: OutputOwner, options: OutputOptions): AsyncGenerator<OutputChunk, void> {
  const position = new Position(owner, options);
  const { url } = owner.http;
  async function* parse(
    bytes: AsyncIterable<Uint8Array>,
    contentType: string,
  ): AsyncGenerator<OutputChunk, void> {
    const pieces =
      contentType === outputFramesType
        ? parseFrames(bytes, { url, position })
        : parseText(bytes, { url, position });
    for await (const piece of pieces) {
      const fresh = position.accept(piece);
      if (fresh !== null) yield fresh;
    }
  }
  // Servers older than frames answer in text.
  const accept = `${outputFramesType}, ${position.follow ? sseType : "application/x-ndjson"};q=0.5`;
  const source = position.source(accept, parse);
  return follow(position.follow ? { ...source, silenceMs: SILENCE_MS } : source, position.limits);
}

/** Bytes only, as fast as the connection brings them. Resumes at the exact byte after a cut connection. */
export function readBytes(owner: OutputOwner, options: OutputOptions): AsyncGenerator<Uint8Array, void> {
  const position = new Position(owner, options);
  async function* parse(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    for await (const piece of bytes) {
      position.advance(piece.length);
      yield piece;
    }
  }
  const source = position.source("application/octet-stream", parse);
  return follow({ ...source, silenceMs: BARE_SILENCE_MS }, position.limits);
}

interface Parsing {
  url: string;
  position: Position;
}

async function* parseFrames(
  bytes: AsyncIterable<Uint8Array>,
  { url, position }: Parsing,
): AsyncGenerator<OutputChunk, void> {
  for await (const { kind, offset, at, data } of readFrames(bytes, { url })) {
    if (kind === "end") position.finish();
    else if (kind !== "alive")
      yield { stream: kind, offset, at: new Date(at).toISOString(), data: asNative(data) };
  }
}

async function* parseText(
  bytes: AsyncIterable<Uint8Array>,
  { url, position }: Parsing,
): AsyncGenerator<OutputChunk, void> {
  const lines = readLines(bytes, { url });
  for await (const value of position.follow
    ? parseEvents(lines, { url, position })
    : parseNdjson(lines, { url })) {
    const { stream, offset, at, data } = asOutputChunk(value, url);
    yield { stream, offset, at, data: fromBase64(data) };
  }
}

/** The pieces of an event stream; the server's `end` says that no more will come. */
async function* parseEvents(
  lines: AsyncIterable<string>,
  { url, position }: Parsing,
): AsyncGenerator<unknown, void> {
  for await (const { type, data } of parseSse(lines, { url })) {
    if (type === "end") position.finish();
    else if (type === "output" || type === "message") yield parseJson(data, url);
  }
}

/** How far a reader has got, and how it knows that it has got everything. */
class Position {
  readonly follow: boolean;
  readonly limits: { patienceMs: number; connection: Connection; signal: AbortSignal | undefined };
  readonly #owner: OutputOwner;
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
    this.follow = options.follow ?? true;
    this.limits = {
      patienceMs: owner.http.patience.followMs,
      connection: owner.http.connection,
      signal: options.signal,
    };
  }

  source<T>(accept: string, parse: Source<T>["parse"]): Source<T> {
    const { http, id } = this.#owner;
    return {
      url: http.url,
      open: (signal) =>
        http.open({
          route: routes.readOutput,
          id,
          query: { stream: this.#stream, offset: this.#offset, follow: this.follow, stage: this.#stage },
          accept,
          signal,
        }),
      parse,
      isOver: () => this.#isOver(),
    };
  }

  /** The server has said that all is here. */
  finish(): void {
    this.#finished = true;
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
    if (this.#finished || !this.follow || this.#endedAt === this.#offset) return true;
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
