import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Ends } from "../../../core/output/output-record.ts";
import type { IdRange } from "../bundle/id-range.ts";
import { annotation } from "../bundle/oci-config.ts";
import type { EngineFolders } from "../data-folders.ts";
import { REPORT_BYTES } from "../bundle/init-report.ts";
import { type NoteRequest, readNote } from "./read-note.ts";

/** What the engine itself wrote about a job, found again after a restart. */
export interface JobFacts {
  group: string;
  /** The host's user and group ids that are this job's alone. */
  ids: IdRange;
  diskBytes: number | null;
  /** The project of the file system's quota that its folder is; null where it is measured. */
  project: number | null;
  /** Processes of the engine that are counted with the job's. */
  ownProcesses: number;
  /** When it was started, by the host's clock that nobody can set: ms since the host went up. */
  startedMs: number;
}

/** How a configuration begins: ociConfig writes it so. Arguments and environment, which may be megabytes, come later. */
const ANNOTATIONS = /^\{"ociVersion":"[^"]*","annotations":(\{[^{}]*\})/;
const ANNOTATIONS_BYTES = 64 * 1024;

/** The folders of one job. What lies in the one that steers it is named in spawner-script.ts. */
export class JobFolder {
  readonly id: string;
  readonly path: string;
  /** /work of the job, on the data disk. */
  readonly work: string;

  constructor({ control, work }: Pick<EngineFolders, "control" | "work">, id: string) {
    this.id = id;
    this.path = join(control, id);
    this.work = join(work, id);
  }

  get alive(): string {
    return join(this.path, "alive");
  }

  hasStarted(): boolean {
    return this.#note("started", { most: 1, from: "start" }).length > 0;
  }

  /** null when there is no such job. */
  facts(): JobFacts | null {
    const head = this.#note("config.json", { most: ANNOTATIONS_BYTES, from: "start" }).toString();
    const written = ANNOTATIONS.exec(head)?.[1];
    if (written === undefined) return null;
    const annotations = JSON.parse(written) as Record<string, string>;
    const disk = annotations[annotation.disk];
    const project = annotations[annotation.project];
    return {
      group: annotations[annotation.group] ?? "",
      ids: { first: Number(annotations[annotation.ids] ?? 0) },
      diskBytes: disk === undefined ? null : Number(disk),
      project: project === undefined ? null : Number(project),
      ownProcesses: Number(annotations[annotation.ownProcesses] ?? 0),
      startedMs: Number(annotations[annotation.started]),
    };
  }

  /** The status that the shim saw the runtime end with; null when it did not come to that. */
  status(): number | null {
    const text = this.#note("exit", { most: 8, from: "start" }).toString("latin1");
    return /^\d+\n$/.test(text) ? Number(text) : null;
  }

  /** When the job was handed to the runtime, epoch ms; null when it was not. */
  startedAt(): number | null {
    return this.hasStarted() ? this.#writtenAt("started") : null;
  }

  /** When the status was written, epoch ms. */
  endedAt(): number | null {
    return this.status() === null ? null : this.#writtenAt("exit");
  }

  /** What pid 1 left on descriptor 3, behind the byte that holds its room. */
  initNote(): Buffer {
    return this.#note("init", { most: REPORT_BYTES, from: "start" }).subarray(1);
  }

  /** Bytes that a capped output dropped; null where it has no cap, or was killed before it could say. */
  outputDropped(): Ends | null {
    if (!existsSync(join(this.path, "dropped.1"))) return null;
    const counts = ["dropped.1", "dropped.2"].map((name) =>
      this.#note(name, { most: 24, from: "start" }).toString("latin1"),
    );
    const isWhole = counts.every((count) => /^\d+\n$/.test(count));
    return isWhole ? { stdout: Number(counts[0]), stderr: Number(counts[1]) } : null;
  }

  /** The runtime's own complaints. */
  runtimeLog(): string {
    return this.#note("runtime.log", { most: 4096, from: "end" }).toString().trim();
  }

  #writtenAt(name: string): number | null {
    const stat = statSync(join(this.path, name), { throwIfNoEntry: false });
    return stat === undefined ? null : Math.floor(stat.mtimeMs);
  }

  #note(name: string, part: NoteRequest): Buffer {
    return readNote(join(this.path, name), part) ?? Buffer.alloc(0);
  }
}
