import { chmodSync, chownSync, constants, linkSync, lstatSync, mkdirSync, unlinkSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { Artifact } from "@berth/protocol";
import type { Collected, CollectRequest } from "../../engine.ts";
import { findMatches } from "./find-matches.ts";
import { checkPlain, lookBeneath, NotTaken } from "./plain-file.ts";
import { TimeShare } from "./time-share.ts";

/** Most lines about what was not kept: a job could make a million of them. */
const MOST_SKIPPED = 1000;

/** All paths that are kept, together: whoever asks for the list gets the whole of it. */
const MOST_LETTERS = 2 ** 20;

/** Most time that is spent on looking for the files of one job, and as much on keeping what was found. */
const MOST_MS = 20_000;

export interface CollectTime {
  looking: TimeShare;
  keeping: TimeShare;
}

/** Keeps the regular files that match. What is on the same disk is linked, not copied, and belongs to us from then on. */
export async function collectFiles(
  work: string,
  request: CollectRequest,
  time: CollectTime = { looking: new TimeShare(MOST_MS), keeping: new TimeShare(MOST_MS) },
): Promise<Collected> {
  const { paths, skipped } = await findMatches(work, request.paths, time.looking);
  const { keeping } = time;
  const artifacts: Artifact[] = [];
  let [bytes, heldBytes, letters] = [0, 0, 0];
  for (const path of paths) {
    try {
      if (!(await keeping.next())) throw new NotTaken(`not reached in ${keeping.seconds} s`);
      const found = lookBeneath(work, path);
      checkPlain(found);
      letters += path.length;
      if (letters > MOST_LETTERS) throw new NotTaken("too many long names in the list before it");
      if (artifacts.length >= request.maxFiles) throw new NotTaken(`more than ${request.maxFiles} files`);
      if (bytes + found.size > request.maxBytes)
        throw new NotTaken(`more than ${request.maxBytes} bytes together`);
      heldBytes += await keep({ from: join(work, path), to: join(request.into, path) });
      bytes += found.size;
      artifacts.push({ path, size: found.size, modifiedAt: new Date(found.mtimeMs).toISOString() });
    } catch (error) {
      const reason = reasonToSkip(error);
      if (reason === null) throw error;
      skipped.push({ path, reason });
    }
  }
  return { artifacts, heldBytes, skipped: skipped.slice(0, MOST_SKIPPED) };
}

/** Why one file is not kept; null when that is no matter of this file, and the others would fare no better. */
function reasonToSkip(error: unknown): string | null {
  if (error instanceof NotTaken) return error.message;
  // The folder of artifacts has a longer name than the job's own: what fits there may not fit here.
  if ((error as NodeJS.ErrnoException).code === "ENAMETOOLONG") return "its path is too long";
  return null;
}

/** What a name and a folder take at least: counted also of a file with nothing in it, as a disk has only so many. */
const ENTRY_BYTES = 4096;

/**
 * Answers what it takes of the disk: a copy has no holes, where the file had some. Only a copy is waited for: all else is
 * done in the thread of such work, where a call costs a tenth.
 */
async function keep({ from, to }: { from: string; to: string }): Promise<number> {
  const made = mkdirSync(dirname(to), { recursive: true });
  try {
    linkSync(from, to);
    // Also the mark by which a second collection knows its own second name.
    chownSync(to, process.getuid?.() ?? 0, process.getgid?.() ?? 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") unlinkSync(to);
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  }
  chmodSync(to, 0o600);
  const folders = made === undefined ? 0 : relative(dirname(made), dirname(to)).split("/").length;
  return lstatSync(to).blocks * 512 + (folders + 1) * ENTRY_BYTES;
}
