import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { annotation } from "../bundle/oci-config.ts";
import type { EngineFolders } from "../data-folders.ts";
import { type InitReport, readInitReport } from "../bundle/init-command.ts";

/** What the engine itself wrote about a job, found again after a restart. */
export interface JobFacts {
  group: string;
  diskBytes: number | null;
  /** Processes of the engine that are counted with the job's. */
  ownProcesses: number;
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
    return (this.#read("started") ?? "") !== "";
  }

  /** null when there is no such job. */
  facts(): JobFacts | null {
    const written = ANNOTATIONS.exec(readHead(join(this.path, "config.json")))?.[1];
    if (written === undefined) return null;
    const annotations = JSON.parse(written) as Record<string, string>;
    const disk = annotations[annotation.disk];
    return {
      group: annotations[annotation.group] ?? "",
      diskBytes: disk === undefined ? null : Number(disk),
      ownProcesses: Number(annotations[annotation.ownProcesses] ?? 0),
    };
  }

  /** The status that the shim saw the runtime end with; null when it did not come to that. */
  status(): number | null {
    const text = this.#read("exit");
    return text === null || !/^\d+\n$/.test(text) ? null : Number(text);
  }

  /** When the job was handed to the runtime, epoch ms; null when it was not. */
  startedAt(): number | null {
    return this.hasStarted() ? this.#writtenAt("started") : null;
  }

  /** When the status was written, epoch ms. */
  endedAt(): number | null {
    return this.status() === null ? null : this.#writtenAt("exit");
  }

  initReport(): InitReport {
    // Behind the byte that holds its room.
    return readInitReport((this.#read("init", "latin1") ?? "").replace(/^-/, ""));
  }

  /** The runtime's own complaints. */
  runtimeLog(): string {
    return (this.#read("runtime.log") ?? "").slice(-4096).trim();
  }

  #writtenAt(name: string): number | null {
    const stat = statSync(join(this.path, name), { throwIfNoEntry: false });
    return stat === undefined ? null : Math.floor(stat.mtimeMs);
  }

  #read(name: string, encoding: "utf8" | "latin1" = "utf8"): string | null {
    try {
      return readFileSync(join(this.path, name), encoding);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  }
}

function readHead(path: string): string {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
  try {
    const head = Buffer.allocUnsafe(ANNOTATIONS_BYTES);
    return head.toString("utf8", 0, readSync(fd, head));
  } finally {
    closeSync(fd);
  }
}
