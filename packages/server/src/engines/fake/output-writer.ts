import { closeSync, constants, openSync, readFileSync, statSync, utimesSync, writeSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { IndexWriter, type Moment } from "../../core/output/index-writer.ts";
import { type Stream, tailOf } from "../../core/output/output-record.ts";
import type { Clock } from "../../lib/clock.ts";
import type { LaunchOutput } from "../engine.ts";

const streams = ["stdout", "stderr"] as const;

/** Writes a job's output as every engine does: the bytes first, then their record, both at once. */
export class OutputWriter implements Disposable {
  readonly #files: Pick<LaunchOutput, Stream | "index">;
  readonly #clock: Clock;
  readonly #index: IndexWriter;
  #cancelTimer: () => void = () => undefined;

  /** Goes on behind what is there; what is not in the index yet is recorded first. */
  constructor(files: Pick<LaunchOutput, Stream | "index">, clock: Clock) {
    this.#files = files;
    this.#clock = clock;
    this.#index = new IndexWriter(tailOf(readFileSync(files.index)), (bytes, position) =>
      writeAt(files.index, { bytes, position }),
    );
    this.catchUp();
  }

  async append(stream: Stream, bytes: Uint8Array): Promise<void> {
    await appendFile(this.#files[stream], bytes);
    this.#index.grew(stream, bytes.byteLength, this.#moment());
    this.#settle();
  }

  /** Records what somebody else has appended. */
  catchUp(): void {
    for (const stream of streams) {
      const { size } = statSync(this.#files[stream]);
      this.#index.grew(stream, Math.max(size - this.#index.written[stream], 0), this.#moment());
    }
    this.#settle();
  }

  /** Something came and was dropped: that shows by when the index was written. */
  dropped(): void {
    const now = this.#clock.now() / 1000;
    utimesSync(this.#files.index, now, now);
  }

  /** Records what waits. What cannot be recorded is left to the log store, which looks at the files at the end. */
  finish(): void {
    this[Symbol.dispose]();
    try {
      this.#index.settle(this.#moment(), { force: true });
    } catch {
      return;
    }
  }

  [Symbol.dispose](): void {
    this.#cancelTimer();
  }

  #settle(): void {
    this.#cancelTimer();
    this.#index.settle(this.#moment());
    const { dueAt } = this.#index;
    if (dueAt === null) return;
    const clock = this.#clock;
    this.#cancelTimer = clock.setTimer(clock.now() + dueAt - clock.monotonic(), () => this.#settle());
  }

  #moment(): Moment {
    return { monotonicMs: Math.floor(this.#clock.monotonic()), now: Math.floor(this.#clock.now()) };
  }
}

function writeAt(path: string, { bytes, position }: { bytes: Buffer; position: number }): void {
  const fd = openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW);
  try {
    writeSync(fd, bytes, 0, bytes.length, position);
  } finally {
    closeSync(fd);
  }
}
