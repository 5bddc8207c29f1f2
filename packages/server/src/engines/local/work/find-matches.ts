import { opendir } from "node:fs/promises";
import { join } from "node:path";
import { hasWildcard, matchPath } from "./match-path.ts";
import { lookBeneath, NotTaken } from "./plain-file.ts";

export interface Found {
  /** Paths below the root that match, whatever they are; folders are not among them. */
  paths: string[];
  skipped: { path: string; reason: string }[];
}

const MOST_ENTRIES = 200_000;
const DEEPEST = 64;

/** Looks for everything below `root` that matches a pattern or lies in a folder that one names; follows no link. */
export async function findMatches(root: string, patterns: readonly string[]): Promise<Found> {
  const paths = new Set<string>();
  const skipped: Found["skipped"] = [];
  const wild: string[] = [];
  for (const pattern of patterns) {
    if (hasWildcard(pattern)) wild.push(pattern);
    else if (await isFolder(root, pattern)) wild.push(`${pattern}/**`);
    else paths.add(pattern);
  }
  if (wild.length > 0) {
    const matched = new Set<string>();
    const complete = await walk(root, (path, problem) => {
      const hit = wild.filter((pattern) => matchPath(pattern, path));
      if (hit.length === 0) return;
      for (const pattern of hit) matched.add(pattern);
      if (problem === null) paths.add(path);
      else skipped.push({ path, reason: problem });
    });
    const reason = complete ? "nothing matches" : `not found among the first ${MOST_ENTRIES} files`;
    for (const pattern of wild) if (!matched.has(pattern)) skipped.push({ path: pattern, reason });
  }
  return { paths: [...paths].toSorted(), skipped };
}

async function isFolder(root: string, path: string): Promise<boolean> {
  try {
    return (await lookBeneath(root, path)).isDirectory();
  } catch (error) {
    if (error instanceof NotTaken) return false;
    throw error;
  }
}

type Visit = (path: string, problem: string | null) => void;

/** Visits what is no folder. False when there was more than anybody should look at. */
async function walk(root: string, visit: Visit): Promise<boolean> {
  const left = { entries: MOST_ENTRIES };
  const folders: { path: string; depth: number }[] = [{ path: "", depth: 0 }];
  for (let folder = folders.pop(); folder; folder = folders.pop()) {
    if (!(await visitFolder(root, { folder, folders, visit, left }))) return false;
  }
  return true;
}

interface Visiting {
  folder: { path: string; depth: number };
  folders: { path: string; depth: number }[];
  visit: Visit;
  left: { entries: number };
}

async function visitFolder(root: string, { folder, folders, visit, left }: Visiting): Promise<boolean> {
  const entries = await opendir(join(root, folder.path), { encoding: "buffer" as BufferEncoding }).catch(
    () => null,
  );
  if (!entries) {
    visit(folder.path, "a folder that cannot be read");
    return true;
  }
  for await (const entry of entries) {
    left.entries -= 1;
    if (left.entries < 0) return false;
    const name = readableName(entry.name as unknown as Buffer);
    const path = folder.path === "" ? name.text : `${folder.path}/${name.text}`;
    if (name.problem !== null) visit(path, name.problem);
    else if (!entry.isDirectory()) visit(path, null);
    else if (folder.depth < DEEPEST) folders.push({ path, depth: folder.depth + 1 });
    else visit(path, `deeper than ${DEEPEST} folders`);
  }
  return true;
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
