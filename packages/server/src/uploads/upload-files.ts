import type { FileHandle } from "node:fs/promises";

/** Where the bytes of uploads are. Knows nothing of who sent them: that is the store's. */
export interface UploadFiles extends AsyncDisposable {
  /** A part of this name, made where it is not there. Nobody else may have it open. */
  openPart(part: string): Promise<UploadPart>;
  /** Bytes of a part that is not open; 0 where there is none. */
  sizeOf(part: string): Promise<number>;
  /** A whole content, to be read only; null where it is not there. The caller closes it. */
  open(sha256: string): Promise<FileHandle | null>;
  /** Whether a whole content is there. */
  holds(sha256: string): Promise<boolean>;
  /** Where a whole content is, for an engine to open. */
  pathOf(sha256: string): string;
  /** Takes away what is behind so many bytes of a part that is not open. */
  cutPart(part: string, bytes: number): Promise<void>;
  removePart(part: string): Promise<void>;
  removeContent(sha256: string): Promise<void>;
  /** Whether so much fits on the disk beside what is kept free for the ends of jobs. */
  hasRoom(bytes: number): Promise<boolean>;
  /** Everything that is there, whoever knows of it, with when it was last written. */
  list(): AsyncIterable<{ kind: "part" | "content"; name: string; writtenAt: number }>;
}

/** A content that is being received. */
export interface UploadPart extends AsyncDisposable {
  /** Bytes in it. */
  readonly size: number;
  /** Adds at its end. The blocks are the part's until this is done. */
  append(blocks: readonly Uint8Array[]): Promise<void>;
  /** The hash of all that is in it, which is on disk then. */
  finish(): Promise<string>;
  /** Makes it the content of this hash, for everybody. It is closed then. */
  publish(sha256: string): Promise<void>;
}
