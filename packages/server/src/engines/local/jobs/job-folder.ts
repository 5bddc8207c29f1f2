import { statSync, writeFileSync } from "node:fs";
import { sinceBootMs } from "../../../lib/time/boot-moment.ts";
import type { EngineFolders } from "../host/data-folders.ts";
import { decodeEnd, type EndRecord, isComplete, RECORD_BYTES } from "./end-record.ts";
import { type JobFacts, readFacts } from "./job-facts.ts";
import { type NoteRequest, readNote } from "../spawner/read-note.ts";

/** The folders of one job. What lies in the one that steers it is named in native/README.md. */
export class JobFolder {
  readonly id: string;
  readonly path: string;
  /** Its own folder on the data disk: /work of the job, unless it has that of another workload. */
  readonly work: string;

  constructor({ control, work }: Pick<EngineFolders, "control" | "work">, id: string) {
    this.id = id;
    this.path = `${control}/${id}`;
    this.work = `${work}/${id}`;
  }

  get alive(): string {
    return `${this.path}/alive`;
  }

  /** Where its shim listens. */
  get go(): string {
    return `${this.path}/go`;
  }

  /** What it has asked of the resolver. */
  get lookups(): string {
    return `${this.path}/lookups`;
  }

  hasStarted(): boolean {
    return this.#note("started", { most: 1, from: "start" }).length > 0;
  }

  /** null when there is no such job. */
  facts(): JobFacts | null {
    return readFacts(this.path);
  }

  /** How it ended; null when nobody has seen that. To be asked when its shim is gone. */
  end(): EndRecord | null {
    return decodeEnd(this.#exit());
  }

  /** Whether its shim has told all. */
  hasEnded(): boolean {
    return isComplete(this.#exit());
  }

  /** When the job was handed to the runtime, epoch ms; null when it was not. */
  startedAt(): number | null {
    return this.hasStarted() ? this.#writtenAt("started") : null;
  }

  /** Notes that it is asked to stop now, where that is the first time. A host that has no room keeps no job alive. */
  noteStop(): void {
    try {
      writeFileSync(`${this.path}/stop`, `${sinceBootMs()}\n`, { mode: 0o600, flag: "wx" });
    } catch {
      // So the next server goes by the wall clock.
    }
  }

  /** How long ago it was first asked to stop, whatever was done to the clock since; null when nobody noted that. */
  stopAgeMs(): number | null {
    const noted = /^(\d+)\n/.exec(this.#note("stop", { most: 32, from: "start" }).toString("latin1"))?.[1];
    return noted === undefined ? null : sinceBootMs() - Number(noted);
  }

  #exit(): Buffer {
    return this.#note("exit", { most: RECORD_BYTES, from: "start" });
  }

  #writtenAt(name: string): number | null {
    const stat = statSync(`${this.path}/${name}`, { throwIfNoEntry: false });
    return stat === undefined ? null : Math.floor(stat.mtimeMs);
  }

  #note(name: string, part: NoteRequest): Buffer {
    return readNote(`${this.path}/${name}`, part) ?? Buffer.alloc(0);
  }
}
