import type { Job, JobEvent, JobSpecInput, JobState } from "@berth/protocol";
import { isTerminal } from "@berth/protocol/states";
import { EventEmitter, once } from "node:events";

export interface Piece {
  stream: "stdout" | "stderr";
  data: Buffer;
}

/** A job whose life the test tells: what it prints, when it ends. */
export class ScriptedJob {
  readonly id: string;
  readonly pieces: Piece[] = [];
  readonly events: JobEvent[] = [];
  readonly artifacts = new Map<string, Buffer>();
  readonly spec: JobSpecInput;
  state: JobState = "queued";
  change: Partial<Job> = {};
  #changed = new EventEmitter().setMaxListeners(0);

  constructor(spec: JobSpecInput, id: string) {
    this.id = id;
    this.spec = spec;
    this.enter("queued");
  }

  write(stream: "stdout" | "stderr", data: string | Buffer): void {
    this.pieces.push({ stream, data: Buffer.from(data) });
    this.#changed.emit("change");
  }

  enter(state: JobState, change: Partial<Job> = {}): void {
    this.state = state;
    this.change = { ...this.change, ...change };
    const { id: jobId } = this;
    const { cause = null, exitCode = null } = this.change;
    const seq = this.events.length + 1;
    const at = "2026-01-02T03:04:05.000Z";
    this.events.push({ seq, jobId, type: state, at, cause, exitCode, deadlineAt: null });
    this.#changed.emit("change");
  }

  get ended(): boolean {
    return isTerminal(this.state);
  }

  async changed(signal: AbortSignal): Promise<void> {
    await once(this.#changed, "change", { signal });
  }

  /** The bytes of a stream, as a reader that misses nothing sees them. */
  bytes(stream: string): Buffer {
    return Buffer.concat(
      this.pieces.filter((piece) => stream === "all" || piece.stream === stream).map((piece) => piece.data),
    );
  }

  /** The pieces of a stream from an offset on, with their offsets. */
  from(stream: string, offset: number): (Piece & { offset: number })[] {
    let at = 0;
    return this.pieces
      .filter((piece) => stream === "all" || piece.stream === stream)
      .flatMap((piece) => {
        const start = at;
        at += piece.data.length;
        const skip = Math.max(offset - start, 0);
        if (skip >= piece.data.length) return [];
        return [{ stream: piece.stream, offset: start + skip, data: piece.data.subarray(skip) }];
      });
  }

  view(): Job {
    const { files, stdin, ...rest } = this.spec;
    return {
      id: this.id,
      name: rest.name ?? null,
      labels: rest.labels ?? {},
      state: this.state,
      cause: null,
      exitCode: null,
      signal: null,
      createdAt: "2026-01-02T03:04:05.000Z",
      startedAt: null,
      endedAt: this.ended ? "2026-01-02T03:04:06.000Z" : null,
      deadlineAt: null,
      usage: { cpuMs: null, wallMs: null, peakMemoryBytes: null, outputBytes: this.bytes("all").length },
      isolation: null,
      engine: "fake",
      network: "none",
      owner: "admin",
      result: null,
      spec: {
        ...(rest as Job["spec"]),
        ...(files !== undefined && {
          files: Object.fromEntries(Object.entries(files).map(([name]) => [name, { size: 0 }])),
        }),
        ...(stdin !== undefined && { stdin: { size: 0 } }),
      },
      ...this.change,
    };
  }
}
