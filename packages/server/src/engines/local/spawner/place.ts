import { createHash } from "node:crypto";
import { closeSync, constants, openSync, renameSync, writeSync } from "node:fs";
import type { IdRange } from "../bundle/id-range.ts";
import type { EngineFolders } from "../host/data-folders.ts";
import { Attachment } from "./attachment.ts";
import type { LaunchOutput } from "../../engine.ts";
import type { Look } from "../host/sandbox-look.ts";
import type { PlaceNetwork } from "../networks/place-network.ts";
import { lookAt } from "./sandbox.ts";
import { jobLine, overlayLine, secretsLine, WARM_LINE } from "./shim-lines.ts";

/** Begins the name of a prepared place; no job id has a dot. `dataDir` tells the places of two servers apart. */
export function placePrefix(dataDir: string): string {
  return prefixOf("place", dataDir);
}

/** What begins the names of places that an earlier server on this folder may have left: older ones called them slots. */
export function leftPrefixes(dataDir: string): readonly string[] {
  return ["place", "slot"].map((word) => prefixOf(word, dataDir));
}

function prefixOf(word: string, dataDir: string): string {
  return `${word}.${createHash("sha256").update(dataDir).digest("hex").slice(0, 8)}.`;
}

/** What another workload of the same job has left: whoever finds the same files must have the same ids. */
export interface LeftFolder {
  /** The workload whose folder it is. */
  id: string;
  ids: IdRange;
  /** The project of the file system's quota that it is. */
  project: number | null;
}

interface PlaceParts extends Pick<Place, "name" | "ids" | "left"> {
  network?: PlaceNetwork | null;
}

/** A prepared place for one job: its folder, its control groups, and a shim that waits there, with a sandbox or without. */
export class Place {
  readonly name: string;
  /** Of its job alone. */
  readonly ids: IdRange;
  /** The folder that it has as /work, and whose ids are its own; null where it came with a new one. */
  readonly left: LeftFolder | null;
  /** What of a network it has; null where it has a loopback alone. */
  readonly network: PlaceNetwork | null;
  readonly attachment: Attachment;
  readonly #folders: EngineFolders;
  #current: string;
  #go: number;
  #warmedAt: number | null = null;
  #look: Look | null = null;

  /** Opens our ends of the FIFOs; afterwards the shim may be asked for. */
  constructor(folders: EngineFolders, { name, ids, left, network = null }: PlaceParts) {
    this.name = name;
    this.ids = ids;
    this.left = left;
    this.network = network;
    this.#folders = folders;
    this.#current = name;
    this.attachment = Attachment.open(`${this.folder}/alive`);
    // Held by us alone: when this server dies, the shim reads end of file and ends too.
    this.#go = openSync(`${this.folder}/go`, constants.O_RDWR | constants.O_NONBLOCK);
  }

  get folder(): string {
    return `${this.#folders.control}/${this.#current}`;
  }

  /** /work of the job, on the data disk. */
  get work(): string {
    return `${this.#folders.work}/${this.left?.id ?? this.#current}`;
  }

  /** What the kernel needs beside that folder where it lies over a tree; made for a job that has one. */
  get overlay(): string {
    return `${this.#folders.overlays}/${this.name}`;
  }

  /** When a sandbox was asked for, in ms of this process; null: not yet. */
  get warmedAt(): number | null {
    return this.#warmedAt;
  }

  /** Has the sandbox made, unless that was asked for before; `attachment.standing` tells when it stands. */
  warm(): void {
    if (this.#warmedAt !== null) return;
    this.#warmedAt = performance.now();
    writeSync(this.#go, WARM_LINE);
  }

  /** What the kernel shows of the sandbox that stands here; null where nobody could look. Read once. */
  look(): Look | null {
    this.#look ??= lookAt(this.folder);
    return this.#look;
  }

  /** Makes it the folder of a job, once the sandbox stands: what is mounted in there, and the shim, go along. */
  become(id: string): void {
    const { control, work } = this.#folders;
    if (this.left === null) renameSync(this.work, `${work}/${id}`);
    renameSync(this.folder, `${control}/${id}`);
    this.#current = id;
  }

  /**
   * Hands the job over; from here on it may run. What it is given to know is `secretBytes` long, and offered at its socket.
   * `lower` is the tree over which its folder lies; null for none.
   */
  send(
    id: string,
    { output, secretBytes, lower }: { output: LaunchOutput; secretBytes: number; lower: string | null },
  ): void {
    const secrets = secretBytes === 0 ? "" : secretsLine(secretBytes);
    const overlay = lower === null ? "" : overlayLine({ lower, upper: this.work, work: this.overlay });
    writeSync(this.#go, overlay + secrets + jobLine(id, output));
    this.release();
  }

  /** Lets go of the shim: without a job it ends. */
  release(): void {
    if (this.#go >= 0) closeSync(this.#go);
    this.#go = -1;
  }
}
