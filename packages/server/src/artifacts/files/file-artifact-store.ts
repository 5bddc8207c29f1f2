import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { type Artifact, BerthError } from "@berth/protocol";
import { isId } from "../../lib/ids.ts";
import type { ArtifactStore } from "../artifact-store.ts";
import { heldBelow, writeListing } from "./held-bytes.ts";
import { nothing, RecentLists } from "./recent-lists.ts";
import { ordinarily } from "../../lib/turns/go-first.ts";

/** Non-blocking: a FIFO in the place of a file must not hold the server up. */
const forReading = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export interface FileArtifactStoreOptions {
  /** Folder of the artifacts of all jobs; made when the first job leaves some. */
  root: string;
}

/** Keeps the artifacts of a job in `<root>/<id>/` and their list in `<root>/<id>.json`. */
export function createFileArtifactStore({ root }: FileArtifactStoreOptions): ArtifactStore {
  const lists = new RecentLists();
  return {
    async prepare(jobId) {
      const { folder } = placesOf(root, jobId);
      await removeTree(folder);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      return folder;
    },
    async save(jobId, list, { heldBytes }) {
      const { listing } = placesOf(root, jobId);
      await mkdir(root, { recursive: true, mode: 0o700 });
      const unfinished = `${listing}.new`;
      const bytes = await writeListing(unfinished, { list, heldBytes });
      await rename(unfinished, listing);
      lists.forget(listing);
      return bytes;
    },
    held: () => heldBelow(root),
    list: async (jobId) => (isId(jobId) ? await lists.read(placesOf(root, jobId).listing) : nothing),
    async open(jobId, path) {
      if (!isId(jobId)) return null;
      const { folder, listing } = placesOf(root, jobId);
      const artifact = (await lists.read(listing)).items.find((item) => item.path === path);
      const stream = artifact && (await openBelow(folder, artifact));
      return stream ? { artifact, stream } : null;
    },
    async delete(jobId) {
      if (!isId(jobId)) return;
      const { folder, listing } = placesOf(root, jobId);
      // The list goes first: what it names is there for as long as it can be read.
      await rm(listing, { force: true });
      lists.forget(listing);
      await rm(`${listing}.new`, { force: true });
      await removeTree(folder);
    },
  };
}

function placesOf(root: string, jobId: string): { folder: string; listing: string } {
  if (!isId(jobId))
    throw new BerthError("JOB_NOT_FOUND", `Cannot keep artifacts of job ${JSON.stringify(jobId)}: not an id`);
  return { folder: join(root, jobId), listing: join(root, `${jobId}.json`) };
}

/**
 * A kept file. Every folder on the way is opened through the one before it, so that no link is followed anywhere;
 * null when it is not the regular file it was.
 */
async function openBelow(folder: string, artifact: Artifact): Promise<Readable | null> {
  const parts = artifact.path.split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..")) return null;
  const name = parts.pop() ?? "";
  let parent = await openOrNull(folder, constants.O_DIRECTORY);
  for (const part of parts) {
    if (!parent) return null;
    await using above = parent;
    parent = await openOrNull(`/proc/self/fd/${above.fd}/${part}`, constants.O_DIRECTORY);
  }
  if (!parent) return null;
  await using above = parent;
  const file = await openOrNull(`/proc/self/fd/${above.fd}/${name}`, 0);
  if (!file) return null;
  const stat = await file.stat();
  const size = Math.min(artifact.size, stat.size);
  if (stat.isFile() && size > 0) return file.createReadStream({ end: size - 1 });
  await file.close();
  return stat.isFile() ? Readable.from([]) : null;
}

async function openOrNull(path: string, flags: number): Promise<Awaited<ReturnType<typeof open>> | null> {
  try {
    return await open(path, forReading | flags);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (["ENOENT", "ENOTDIR", "ELOOP", "ENXIO", "ENAMETOOLONG"].includes(code)) return null;
    throw error;
  }
}

const run = promisify(execFile);

/** Links are removed as links. A tree deeper than a path can name needs the system's own tool. */
async function removeTree(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENAMETOOLONG") throw error;
    await ordinarily(() => run("/bin/rm", ["-rf", "--", folder], { env: {} }));
  }
}
