import type { SignalOptions } from "../resources/job/job-handle.ts";
import type { Folder, UploadSource } from "../resources/upload/upload-source.ts";
import type { FolderOptions } from "./folder-options.ts";

/**
 * A folder of this machine, for `files` of a job: the job finds what is in it in its `/work`, with modes, times and links.
 * It is read when the job is submitted, and sent unless the server has the same already. `.git` stays here, unless a line
 * `!.git` asks for it.
 *
 * @example
 * ```ts
 * import { fromFolder } from "@berth/sdk/folder";
 *
 * const job = await berth.jobs.submit({ command: "make", args: ["test"], files: fromFolder(".") });
 * ```
 */
export function fromFolder(path: string, options: FolderOptions = {}): Folder {
  return {
    // What packs is loaded by those who send a folder, and by nobody else.
    pack: async (packing) => (await import("./pack-folder.ts")).packFolder(path, { ...options, ...packing }),
  };
}

/**
 * A file of this machine, for `berth.uploads.create`: it is read once for its hash, and again when it is sent.
 *
 * @example
 * ```ts
 * const { sha256 } = await berth.uploads.create(await fromFile("source.tar.gz"));
 * const archive = { upload: sha256, format: "tar.gz", strip: 1 } as const;
 * const job = await berth.jobs.submit({ command: "make", archive });
 * ```
 */
export async function fromFile(path: string, { signal }: SignalOptions = {}): Promise<UploadSource> {
  const [{ createHash }, { createReadStream }] = await Promise.all([
    import("node:crypto"),
    import("node:fs"),
  ]);
  const hash = createHash("sha256");
  let size = 0;
  for await (const block of createReadStream(path, { highWaterMark: BLOCK_BYTES, signal })) {
    hash.update(block as Uint8Array);
    size += (block as Uint8Array).length;
  }
  return {
    sha256: hash.digest("hex"),
    size,
    async *read(from) {
      if (from < size)
        yield* createReadStream(path, { start: from, end: size - 1, highWaterMark: BLOCK_BYTES });
    },
  };
}

const BLOCK_BYTES = 2 ** 18;
