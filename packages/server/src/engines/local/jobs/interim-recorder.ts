import { closeSync, openSync, readFileSync, statSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { IndexWriter } from "../../../core/output/index-writer.ts";
import { type Stream, tailOf } from "../../../core/output/output-record.ts";
import type { LaunchOutput, OutputEnd } from "../../engine.ts";

const streams = ["stdout", "stderr"] as const;
const stepMs = 5;

/** Keeps where the output of a job goes, for a server that comes later. */
export function keepOutput(folder: string, output: LaunchOutput): void {
  writeFileSync(join(folder, "output"), JSON.stringify(output), { mode: 0o600 });
}

/**
 * NOTE: stands in for pid 1 until that writes the index itself, and goes then: looks at the sizes of the output files,
 * records what has grown, and ends a job past its limit.
 */
export class InterimRecorder {
  readonly #output: LaunchOutput;
  readonly #index: IndexWriter;
  readonly #onLimit: () => void;
  readonly #timer: NodeJS.Timeout;
  #overLimit: Stream | null = null;
  #dropped: Record<Stream, number> = { stdout: 0, stderr: 0 };

  /** null for a job whose output nobody kept. */
  static of(folder: string, onLimit: () => void): InterimRecorder | null {
    try {
      return new InterimRecorder(
        JSON.parse(readFileSync(join(folder, "output"), "utf8")) as LaunchOutput,
        onLimit,
      );
    } catch {
      return null;
    }
  }

  private constructor(output: LaunchOutput, onLimit: () => void) {
    this.#output = output;
    this.#onLimit = onLimit;
    this.#index = new IndexWriter(tailOf(readFileSync(output.index)), (bytes, position) => {
      const fd = openSync(output.index, "r+");
      try {
        writeSync(fd, bytes, 0, bytes.length, position);
      } finally {
        closeSync(fd);
      }
    });
    this.#timer = setInterval(() => this.#lookSafely(false), stepMs);
    this.#timer.unref();
    this.#lookSafely(false);
  }

  finish(dropped: OutputEnd["dropped"]): OutputEnd {
    this.detach();
    this.#lookSafely(true);
    if (this.#output.overflow === "discard") {
      return {
        overLimit: streams.find((stream) => dropped !== null && dropped[stream] > 0) ?? null,
        dropped,
      };
    }
    return { overLimit: this.#overLimit, dropped: this.#dropped };
  }

  detach(): void {
    clearInterval(this.#timer);
  }

  #lookSafely(force: boolean): void {
    try {
      this.#look(force);
    } catch {
      return;
    }
  }

  #look(force: boolean): void {
    const { limitBytes } = this.#output;
    const moment = { monotonicMs: Math.floor(performance.now()), now: Date.now() };
    for (const stream of streams) {
      const { size } = statSync(this.#output[stream]);
      const kept = Math.min(size, limitBytes ?? size);
      this.#index.grew(stream, Math.max(kept - this.#index.written[stream], 0), moment);
      if (kept < size) this.#exceed(stream, size - kept);
      if (force && kept < size) truncateSync(this.#output[stream], kept);
    }
    this.#index.settle(moment, { force });
  }

  #exceed(stream: Stream, bytes: number): void {
    this.#dropped[stream] = bytes;
    if (this.#output.overflow === "discard" || this.#overLimit !== null) return;
    this.#overLimit = stream;
    this.#onLimit();
  }
}
