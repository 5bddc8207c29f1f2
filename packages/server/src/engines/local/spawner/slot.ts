import { createHash } from "node:crypto";
import { closeSync, constants, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { IdRange } from "../bundle/id-range.ts";
import type { EngineFolders } from "../data-folders.ts";
import { Attachment } from "./attachment.ts";

/** Begins the name of a prepared place; no job id has a dot. `dataDir` tells the places of two servers apart. */
export function slotPrefix(dataDir: string): string {
  return `slot.${createHash("sha256").update(dataDir).digest("hex").slice(0, 8)}.`;
}

/** One line to the shim: which job it is, and where its output goes. */
export interface Go {
  id: string;
  stdout: string;
  stderr: string;
  /** Bytes after which a stream is cut off; null writes straight into the files. */
  capBytes: number | null;
}

/** A prepared place for one job: its folder, its control groups, and a shim that waits in them. */
export class Slot {
  readonly name: string;
  /** Of its job alone. */
  readonly ids: IdRange;
  readonly attachment: Attachment;
  readonly #folders: EngineFolders;
  #current: string;
  #go: number;

  /** Opens our ends of the FIFOs; afterwards the shim may be asked for. */
  constructor(folders: EngineFolders, { name, ids }: { name: string; ids: IdRange }) {
    this.name = name;
    this.ids = ids;
    this.#folders = folders;
    this.#current = name;
    this.attachment = Attachment.open(join(this.folder, "alive"));
    // Held by us alone: when this server dies, the shim reads end of file and ends too.
    this.#go = openSync(join(this.folder, "go"), constants.O_RDWR | constants.O_NONBLOCK);
  }

  get folder(): string {
    return join(this.#folders.control, this.#current);
  }

  /** /work of the job, on the data disk. */
  get work(): string {
    return join(this.#folders.work, this.#current);
  }

  /** Makes it the folder of a job. The shim, which stands in it, goes along. */
  become(id: string): void {
    const { control, work } = this.#folders;
    renameSync(this.work, join(work, id));
    renameSync(this.folder, join(control, id));
    this.#current = id;
  }

  /** Hands the job over; from here on it may run. */
  send(go: Go): void {
    writeSync(this.#go, `${[go.id, go.stdout, go.stderr, go.capBytes ?? "-"].join("\t")}\n`);
    this.release();
  }

  /** Lets go of the shim: without a job it ends. */
  release(): void {
    if (this.#go >= 0) closeSync(this.#go);
    this.#go = -1;
  }
}
