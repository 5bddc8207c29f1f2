import { constants } from "node:fs";
import {
  type FileHandle,
  lstat,
  mkdir,
  open,
  opendir,
  rename,
  rm,
  stat,
  statfs,
  truncate,
} from "node:fs/promises";
import { join } from "node:path";
import { isSha256 } from "@berth/protocol";
import { isId } from "../../lib/ids.ts";
import type { UploadFiles, UploadPart } from "../upload-files.ts";
import { type GrowingHash, Hasher } from "./hasher.ts";

const { O_CREAT, O_NOFOLLOW, O_RDONLY, O_RDWR } = constants;

/** What uploads leave free, beside the reserve of the server itself: jobs that run have to write as well. */
const SPARED_BYTES = 64 * 2 ** 20;

export interface FileUploadStoreOptions {
  /** Its folders are made with the first upload. */
  root: string;
}

/**
 * Keeps what comes in `<root>/parts/<id>`, and whole contents in `<root>/contents/<sha256>`. Names are ids and hashes of
 * ours, and no more: there is no path to follow. Both folders are for root only.
 */
export function createFileUploadStore({ root }: FileUploadStoreOptions): UploadFiles {
  const hasher = new Hasher();
  const folders = { part: join(root, "parts"), content: join(root, "contents") };
  const partOf = (part: string): string => pathIn(folders.part, part, isId);
  const contentOf = (sha256: string): string => pathIn(folders.content, sha256, isSha256);
  return {
    async openPart(part) {
      for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = partOf(part);
      const file = await open(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o444);
      return FilePart.over(file, { path, hasher, contents: folders.content, contentOf });
    },
    async sizeOf(part) {
      const found = await orNull(stat(partOf(part)));
      return found?.size ?? 0;
    },
    open: (sha256) => orNull(open(contentOf(sha256), O_RDONLY | O_NOFOLLOW)),
    holds: async (sha256) => (await orNull(lstat(contentOf(sha256))))?.isFile() === true,
    pathOf: contentOf,
    cutPart: (part, bytes) => truncate(partOf(part), bytes),
    removePart: (part) => rm(partOf(part), { force: true }),
    removeContent: (sha256) => rm(contentOf(sha256), { force: true }),
    async hasRoom(bytes) {
      const { bavail, bsize } = await statfs(await existing(root));
      return bavail * bsize >= bytes + SPARED_BYTES;
    },
    async *list() {
      for (const kind of ["part", "content"] as const) {
        const folder = await orNull(opendir(folders[kind]));
        const isName = kind === "part" ? isId : isSha256;
        for await (const { name } of folder ?? []) {
          const found = isName(name) ? await orNull(lstat(join(folders[kind], name))) : null;
          if (found) yield { kind, name, writtenAt: found.ctimeMs };
        }
      }
    },
    [Symbol.asyncDispose]: () => hasher[Symbol.asyncDispose](),
  };
}

interface PartPlaces {
  path: string;
  hasher: Hasher;
  contents: string;
  contentOf: (sha256: string) => string;
}

class FilePart implements UploadPart {
  readonly #file: FileHandle;
  readonly #places: PartPlaces;
  readonly #hash: GrowingHash;
  #size: number;

  private constructor(file: FileHandle, places: PartPlaces, size: number) {
    this.#file = file;
    this.#places = places;
    this.#size = size;
    this.#hash = places.hasher.open(places.path);
    this.#hash.grown(size);
  }

  static async over(file: FileHandle, places: PartPlaces): Promise<FilePart> {
    try {
      return new FilePart(file, places, (await file.stat()).size);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get size(): number {
    return this.#size;
  }

  async append(blocks: readonly Uint8Array[]): Promise<void> {
    let left = blocks;
    while (left.length > 0) {
      const { bytesWritten } = await this.#file.writev(left as Uint8Array[], this.#size);
      this.#size += bytesWritten;
      left = behind(left, bytesWritten);
    }
    this.#hash.grown(this.#size);
  }

  async finish(): Promise<string> {
    const [sha256] = await Promise.all([this.#hash.end(), this.#file.datasync()]);
    return sha256;
  }

  async publish(sha256: string): Promise<void> {
    await rename(this.#places.path, this.#places.contentOf(sha256));
    await using folder = await open(this.#places.contents, O_RDONLY);
    await folder.sync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hash[Symbol.dispose]();
    await this.#file.close();
  }
}

/** What is left of blocks of which so many bytes are written. */
function behind(blocks: readonly Uint8Array[], written: number): readonly Uint8Array[] {
  let done = written;
  for (const [index, block] of blocks.entries()) {
    if (done < block.length) return [block.subarray(done), ...blocks.slice(index + 1)];
    done -= block.length;
  }
  return [];
}

function pathIn(folder: string, name: string, isName: (text: string) => boolean): string {
  if (isName(name)) return join(folder, name);
  throw new Error(`Cannot name a file of uploads ${JSON.stringify(name)}`);
}

/** The folder, or the one above it before the first upload. */
async function existing(folder: string): Promise<string> {
  return (await orNull(stat(folder))) === null ? join(folder, "..") : folder;
}

async function orNull<Value>(asked: Promise<Value>): Promise<Value | null> {
  try {
    return await asked;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
