import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface HostMemoryOptions {
  /** The folder that goes with the host when that goes down, where there is such a one. */
  run: string;
  /** A folder on the data disk. */
  engine: string;
  /** Names the time since the host went up. For tests. */
  bootId?: string | null;
}

/**
 * Whether the host still has what an earlier server left there. Both places hold the same token for as long as neither
 * was lost; the boot in it tells also where the folder of the run lies on the disk and stays.
 */
export class HostMemory {
  readonly #here: string;
  readonly #there: string;
  readonly #bootId: string;
  #forgotten: boolean;

  constructor({ run, engine, bootId = readOrNull("/proc/sys/kernel/random/boot_id") }: HostMemoryOptions) {
    this.#here = join(run, "token");
    this.#there = join(engine, "token");
    this.#bootId = bootId?.trim() ?? "";
    const there = readOrNull(this.#there);
    this.#forgotten = there !== null && !this.#isKept(there);
    if (there === null) this.remember();
  }

  /** The host was restarted since the last server: what ran then has left no trace that can be trusted. */
  get forgotten(): boolean {
    return this.#forgotten;
  }

  /**
   * From now on what is not there was never there. To be called once all that was begun before is recorded: a server
   * that dies earlier leaves the next one as wary as it was.
   */
  remember(): void {
    if (!this.#forgotten && readOrNull(this.#there) !== null) return;
    const token = `${randomUUID()}/${this.#bootId}`;
    writeFileSync(this.#here, token);
    const fd = openSync(this.#there, "w");
    try {
      writeFileSync(fd, token);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    this.#forgotten = false;
  }

  /** Nothing runs any more, and the folder of the run goes. */
  leave(): void {
    if (!this.#forgotten) rmSync(this.#there, { force: true });
  }

  #isKept(there: string): boolean {
    const [, boot] = there.split("/");
    return readOrNull(this.#here) === there && (boot === undefined || boot === this.#bootId);
  }
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    // What cannot be read is not what was never written.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
