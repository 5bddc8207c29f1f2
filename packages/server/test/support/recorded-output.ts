import { appendFileSync } from "node:fs";
import type { Stream } from "../../src/core/output/output-record.ts";
import { OutputWriter } from "../../src/engines/fake/output-writer.ts";
import { type Clock, systemClock } from "../../src/lib/clock.ts";
import type { OutputFiles } from "../../src/logs/log-store.ts";

/** The output of a job that no engine runs: what is appended to its files is recorded as an engine does it. */
export class RecordedOutput {
  readonly #files: OutputFiles;
  readonly #writer: OutputWriter;

  constructor(files: OutputFiles, clock: Clock = systemClock) {
    this.#files = files;
    this.#writer = new OutputWriter(files, clock);
  }

  append(stream: Stream, bytes: string | Uint8Array): void {
    appendFileSync(this.#files[stream], bytes);
    this.#writer.catchUp();
  }

  /** Records what another process appends, a look every other millisecond, until `isOver`; then the rest of it. */
  async during(isOver: Promise<unknown>): Promise<void> {
    const timer = setInterval(() => this.#writer.catchUp(), 2);
    try {
      await isOver;
    } finally {
      clearInterval(timer);
      this.#writer.catchUp();
      this.#writer.finish();
    }
  }
}
