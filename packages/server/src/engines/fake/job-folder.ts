import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Exit, Launch } from "../engine.ts";
import type { StopTimes } from "./fate.ts";
import type { StartRecord } from "./start-record.ts";

export interface EndRecord {
  exit: Exit;
  forced: boolean;
}

/**
 * The files of one job:
 *
 *   work/ stdin   its folder and standard input
 *   attempts      starts that failed on purpose
 *   job.json      it was started: written last, so without it nothing ran
 *   stop.json     somebody asked for the stop
 *   end.json      how it ended: from then on nothing changes
 *
 * Records are small and written by rename: each is there whole or not at all, whenever the server is killed.
 */
export class JobFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get work(): string {
    return join(this.path, "work");
  }

  get stdin(): string {
    return join(this.path, "stdin");
  }

  /** Makes the folder with the job's inputs anew; or finds it as another has left it, at `from`. */
  prepare({ files, stdin, from }: Pick<Launch, "files" | "stdin"> & { from: string | null }): void {
    rmSync(this.work, { recursive: true, force: true });
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    if (from === null) mkdirSync(this.work, { mode: 0o700 });
    else symlinkSync(realpathSync(from), this.work);
    for (const { name, content } of files) {
      const path = join(this.work, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content, { flag: "wx" });
    }
    if (stdin !== null && "file" in stdin) copyFileSync(stdin.file, this.stdin);
    else writeFileSync(this.stdin, stdin ?? "");
  }

  /** Counts one more attempt to start; returns how many there were before. */
  countAttempt(): number {
    const before = this.#read<number>("attempts") ?? 0;
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    this.#write("attempts", before + 1);
    return before;
  }

  readStart(): StartRecord | null {
    return this.#read<StartRecord>("job.json");
  }

  writeStart(record: StartRecord): void {
    this.#write("job.json", record);
  }

  readStop(): StopTimes | null {
    return this.#read<StopTimes>("stop.json");
  }

  writeStop(stop: StopTimes): void {
    this.#write("stop.json", stop);
  }

  readEnd(): EndRecord | null {
    return this.#read<EndRecord>("end.json");
  }

  writeEnd(end: EndRecord): void {
    if (existsSync(this.path)) this.#write("end.json", end);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  #read<Value>(name: string): Value | null {
    try {
      return JSON.parse(readFileSync(join(this.path, name), "utf8")) as Value;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  }

  #write(name: string, value: unknown): void {
    const path = join(this.path, name);
    writeFileSync(`${path}.new`, JSON.stringify(value), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
}
