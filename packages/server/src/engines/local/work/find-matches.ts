import { lstatSync, opendirSync, type Dir, type Dirent } from "node:fs";
import { join } from "node:path";
import { isWhiteout } from "../bundle/whiteout.ts";
import { hasWildcard, PathPatterns, type Progress } from "./path-patterns.ts";
import { lookBeneath, NotTaken } from "./plain-file.ts";
import type { TimeShare } from "./time-share.ts";

export interface Found {
  /** Paths below the root that match, whatever they are; folders are not among them. */
  paths: string[];
  skipped: { path: string; reason: string }[];
}

const MOST_ENTRIES = 200_000;
const DEEPEST = 64;
/** As much as is told of what was not taken: a job could make a million such names. */
const MOST_SKIPPED = 1000;
/** Of all names that match, with their folders: they are kept in memory. */
const MOST_LETTERS = 32 * 2 ** 20;

/** Looks for everything below `root` that matches a pattern or lies in a folder that one names; follows no link. */
export async function findMatches(
  root: string,
  patterns: readonly string[],
  share: TimeShare,
): Promise<Found> {
  const paths = new Set<string>();
  const skipped: Found["skipped"] = [];
  const wild: string[] = [];
  for (const pattern of patterns) {
    if (hasWildcard(pattern)) wild.push(pattern);
    else if (isFolder(root, pattern)) wild.push(`${pattern}/**`);
    else paths.add(pattern);
  }
  if (wild.length > 0) {
    const matched = new Set<number>();
    const cut = await walk({ root, patterns: new PathPatterns(wild), share }, (seen) => {
      for (const hit of seen.hits) matched.add(hit);
      if (seen.problem === null) paths.add(seen.path);
      else if (skipped.length < MOST_SKIPPED) skipped.push({ path: seen.path, reason: seen.problem });
    });
    for (const [index, path] of wild.entries()) {
      if (cut !== null) skipped.push({ path, reason: cut });
      else if (!matched.has(index)) skipped.push({ path, reason: "nothing matches" });
    }
  }
  return { paths: [...paths].toSorted(), skipped };
}

function isFolder(root: string, path: string): boolean {
  try {
    return lookBeneath(root, path).isDirectory();
  } catch (error) {
    if (error instanceof NotTaken) return false;
    throw error;
  }
}

/** A folder still to be looked into: with the progress above it, which those beside it share. */
interface Folder {
  path: string;
  name: string;
  above: Progress;
  depth: number;
  /** The patterns that the folder itself matches. */
  hits: readonly number[];
}

/** Something that is no folder and matches, or a folder that cannot be looked into. */
interface Seen {
  path: string;
  hits: readonly number[];
  problem: string | null;
}

interface Walk {
  root: string;
  patterns: PathPatterns;
  share: TimeShare;
}

/** Looks only where a pattern can lead. Why it looked no further, when there was too much; else null. */
async function walk({ root, patterns, share }: Walk, visit: (seen: Seen) => void): Promise<string | null> {
  const left = { entries: MOST_ENTRIES, letters: MOST_LETTERS };
  const folders: Folder[] = [{ path: "", name: "", above: [], depth: 0, hits: [] }];
  for (let folder = folders.pop(); folder; folder = folders.pop()) {
    const progress =
      folder.path === "" ? patterns.start() : patterns.advance(folder.above, folder.name).progress;
    using entries = openFolder(root, folder.path);
    if (!entries && folder.hits.length > 0) visit({ ...folder, problem: "a folder that cannot be read" });
    for (let entry = entries?.readSync(); entry; entry = entries?.readSync()) {
      left.entries -= 1;
      if (left.entries < 0) return `not looked for any further: there are more than ${MOST_ENTRIES} files`;
      if (!(await share.next())) return `not looked for any further: it took ${share.seconds} s`;
      if (entry.isCharacterDevice() && isRemoved(root, folder.path, entry)) continue;
      const below = look(entry, { folder, progress, patterns });
      if (below.folder !== null) folders.push(below.folder);
      if (below.seen === null) continue;
      left.letters -= below.seen.path.length;
      if (left.letters < 0)
        return "not looked for any further: the names that match are too many and too long";
      visit(below.seen);
    }
  }
  return null;
}

/** Of what the job has removed nothing is told: it is not there. */
function isRemoved(root: string, folder: string, { name }: Dirent): boolean {
  const path = Buffer.concat([Buffer.from(`${join(root, folder)}/`), name as unknown as Buffer]);
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found === undefined || isWhiteout(found);
}

function openFolder(root: string, path: string): Dir | null {
  try {
    return opendirSync(join(root, path), { encoding: "buffer" as BufferEncoding });
  } catch {
    return null;
  }
}

function look(
  entry: Dirent,
  { folder, progress, patterns }: { folder: Folder; progress: Progress; patterns: PathPatterns },
): { folder: Folder | null; seen: Seen | null } {
  const { text: name, problem: unreadable } = readableName(entry.name as unknown as Buffer);
  const path = folder.path === "" ? name : `${folder.path}/${name}`;
  const { progress: further, hits } = patterns.advance(progress, name);
  const isFolder = unreadable === null && entry.isDirectory();
  if (isFolder && further.length > 0 && folder.depth < DEEPEST) {
    return { folder: { path, name, above: progress, depth: folder.depth + 1, hits }, seen: null };
  }
  if (hits.length === 0 || (isFolder && further.length === 0)) return { folder: null, seen: null };
  const problem = unreadable ?? (isFolder ? `deeper than ${DEEPEST} folders` : null);
  return { folder: null, seen: { path, hits, problem } };
}

/** Control characters, also those of eight bits, and those that turn the direction of text. */
const DECEIVING = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const EVERY_DECEIVING = new RegExp(DECEIVING, "gu");

/** Names that could deceive whoever reads a list of them are not taken, and told of in plain characters. */
function readableName(raw: Buffer): { text: string; problem: string | null } {
  const text = raw.toString("utf8");
  const isUtf8 = Buffer.from(text).equals(raw);
  if (isUtf8 && !DECEIVING.test(text)) return { text, problem: null };
  const problem = isUtf8 ? "its name holds control characters" : "its name is not UTF-8";
  return { text: text.replaceAll(EVERY_DECEIVING, escaped), problem };
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
