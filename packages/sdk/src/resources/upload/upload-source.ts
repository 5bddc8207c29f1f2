import type { JobSpecInput } from "@berth/protocol";

/** What a job says of an upload that is unpacked into its `/work`. */
export type Archive = NonNullable<JobSpecInput["archive"]>;

/** A content that can be read from any of its bytes, as often as it takes: sending it can go on after a cut. */
export interface UploadSource {
  /** Of all of it: 64 hexadecimal digits in lower case. */
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
  /** Its bytes from this one on. */
  read(from: number): AsyncIterable<Uint8Array>;
}

/** A folder of this machine that a job gets as its `/work`: `fromFolder` of `@berth/sdk/folder` makes one. */
export interface Folder {
  /** Reads all of it once. Throws FOLDER_INVALID, FOLDER_CHANGED. */
  pack(options?: PackOptions): Promise<PackedFolder>;
}

/** How a folder is packed. */
export interface PackOptions {
  signal?: AbortSignal | undefined;
  /** Told of the bytes that were read, of all that the folder holds. */
  onProgress?: ((bytes: number, size: number) => void) | undefined;
}

/** A folder as one archive. Nothing is copied: it is read again when it is sent. */
export interface PackedFolder extends UploadSource {
  readonly format: Archive["format"];
  /** Files, folders and links in it. */
  readonly entries: number;
  /** What cannot be packed: sockets, pipes and devices. */
  readonly skipped: readonly SkippedEntry[];
}

/** Something in a folder that stays where it is. */
export interface SkippedEntry {
  /** Below the folder. */
  path: string;
  why: string;
}

/** Whether this is a folder, not a list of files by name. */
export function isFolder(value: unknown): value is Folder {
  return typeof value === "object" && value !== null && "pack" in value && typeof value.pack === "function";
}
