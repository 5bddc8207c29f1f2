import { createHash } from "node:crypto";
import { realpath, stat } from "node:fs/promises";
import { formatSize } from "@berth/protocol/units";
import type { PackedFolder, PackOptions } from "../resources/upload/upload-source.ts";
import { cannotPack, reasonOf } from "./folder-error.ts";
import type { FolderOptions } from "./folder-options.ts";
import { ignoreRules } from "./ignore-rules.ts";
import { type FolderListing, listFolder } from "./list-folder.ts";
import { tarOf } from "./tar-of.ts";

/** Most bytes that a server takes of one content. The same as the contract's `largestUpload`, without loading the schemas. */
export const largestFolder = 10 * 2 ** 30;

/**
 * Packs a folder: in the order of names, so that the same content has the same hash. It is read twice, once for the hash and
 * once when it is sent, instead of being copied: a copy takes the room of the folder, and may lie in memory.
 */
export async function packFolder(
  folder: string,
  { signal, onProgress, ...options }: FolderOptions & PackOptions = {},
): Promise<PackedFolder> {
  const root = await rootOf(folder);
  const listing = await listFolder(root, { isIgnored: await ignoreRules(root, options), signal });
  const { entries, bytes, skipped } = listing;
  if (bytes > largestFolder) throw tooLarge(folder, listing);
  const hash = createHash("sha256");
  let size = 0;
  onProgress?.(0, bytes);
  for await (const block of tarOf(root, { entries })) {
    signal?.throwIfAborted();
    hash.update(block);
    size += block.length;
    if (size > largestFolder) throw tooLarge(folder, listing);
    onProgress?.(Math.min(size, bytes), bytes);
  }
  const sha256 = hash.digest("hex");
  return {
    format: "tar",
    sha256,
    size,
    entries: entries.length,
    skipped,
    read: (from) => tarOf(root, { entries, from }),
  };
}

async function rootOf(folder: string): Promise<string> {
  try {
    const root = await realpath(folder);
    if ((await stat(root)).isDirectory()) return root;
  } catch (error) {
    throw cannotPack(folder, reasonOf(error), { cause: error, fix: "Name a folder that is there" });
  }
  throw cannotPack(folder, "it is no folder", { fix: "Name the folder that it lies in" });
}

/** Names what there is most of: mostly it is something that nobody meant to send. */
function tooLarge(folder: string, { entries, bytes }: FolderListing): Error {
  const sizes = new Map<string, number>();
  for (const entry of entries) {
    if (entry.kind !== "file") continue;
    const top = entry.path.replace(/\/.*/, "");
    sizes.set(top, (sizes.get(top) ?? 0) + entry.size);
  }
  const largest = [...sizes].toSorted(([, one], [, other]) => other - one).slice(0, 3);
  const named = largest.map(([name, size]) => `"${name}" (${formatSize(size)})`).join(", ");
  return cannotPack(
    folder,
    `it holds ${formatSize(bytes)}, more than ${formatSize(largestFolder)}: most of it is in ${named}`,
    { fix: "Name in `.berthignore` what is not to be sent" },
  );
}
