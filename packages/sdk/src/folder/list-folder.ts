import { type BigIntStats, constants, lstatSync } from "node:fs";
import { lstat, open as openFile, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import type { SkippedEntry } from "../resources/upload/upload-source.ts";
import { cannotPack, reasonOf } from "./folder-error.ts";
import type { IsIgnored } from "./ignore-rules.ts";
import { answers, type Call } from "./quick-calls.ts";

/** Something that is packed, as it was when the folder was listed. */
export type FolderEntry = { path: string; mode: number } & (
  | { kind: "folder" }
  | { kind: "link"; target: string }
  | { kind: "file"; size: number; mtimeNs: bigint }
);

export interface FolderListing {
  /** In the order of their names, a folder before what is in it. */
  entries: readonly FolderEntry[];
  /** Of all files together. */
  bytes: number;
  skipped: readonly SkippedEntry[];
}

/** Each takes some hundred bytes here, and a moment of the server's unpacking. */
const mostEntries = 1_000_000;
/** Looked at side by side: a look is mostly waiting. */
const AT_ONCE = 64;
/** Neither through a link nor waiting at a pipe that took the file's place. */
const READ_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** Of what cannot be read, so many are named. */
const MOST_NAMED = 10;

export interface ListOptions {
  isIgnored: IsIgnored;
  signal?: AbortSignal | undefined;
}

/** Lists what of a folder is packed. No link is followed. Throws FOLDER_INVALID. */
export async function listFolder(folder: string, options: ListOptions): Promise<FolderListing> {
  const look = new FolderLook(folder, options);
  const entries: FolderEntry[] = [];
  let bytes = 0;
  // The folders that are still to be looked into, the next one last: a tree may be deeper than a stack.
  const open: Iterator<FolderEntry>[] = [await look.into("")];
  while (open.length > 0) {
    const next = open.at(-1)?.next();
    if (next === undefined || next.done === true) {
      open.pop();
      continue;
    }
    const entry = next.value;
    entries.push(entry);
    if (entries.length > mostEntries) throw cannotPack(folder, `it holds more than ${mostEntries} entries`);
    if (entry.kind === "file") bytes += entry.size;
    if (entry.kind === "folder") open.push(await look.into(entry.path));
  }
  const { skipped, unreadable } = look;
  if (unreadable.length > 0) throw cannotPack(folder, sentenceOf(unreadable));
  return { entries, bytes, skipped };
}

/** Looks at what is there, and notes what stays there. */
class FolderLook {
  readonly #folder: string;
  readonly #options: ListOptions;
  readonly skipped: SkippedEntry[] = [];
  /** All of it is named at once. */
  readonly unreadable: string[] = [];

  constructor(folder: string, options: ListOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  async into(below: string): Promise<Iterator<FolderEntry>> {
    this.#options.signal?.throwIfAborted();
    const found: FolderEntry[] = [];
    const names = await this.#namesIn(below);
    for (let at = 0; at < names.length; at += AT_ONCE) {
      const paths = names.slice(at, at + AT_ONCE).map((name) => pathOf(below, name));
      const looks = await answers(paths.map((path) => lookAt(join(this.#folder, path))));
      for (const [n, path] of paths.entries()) {
        const one = await this.#at(path, looks[n]);
        if (one !== null) found.push(one);
      }
    }
    return found[Symbol.iterator]();
  }

  async #namesIn(below: string): Promise<string[]> {
    try {
      const raw = await readdir(join(this.#folder, below), { encoding: "buffer" });
      return raw
        .map((name) => this.#nameOf(name, below))
        .filter((name) => name !== null)
        .toSorted(byCode);
    } catch (error) {
      if (below === "") throw cannotPack(this.#folder, reasonOf(error), { cause: error });
      this.unreadable.push(`"${below}" (${reasonOf(error)})`);
      return [];
    }
  }

  #nameOf(raw: Uint8Array, below: string): string | null {
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(raw);
    if (Buffer.from(text).equals(raw)) return text;
    const path = pathOf(below, text);
    if (!this.#options.isIgnored(path, false)) this.unreadable.push(`"${path}" (its name is not UTF-8)`);
    return null;
  }

  /** Null where it stays here. */
  async #at(path: string, look: Look | undefined): Promise<FolderEntry | null> {
    const at = join(this.#folder, path);
    try {
      if (look === undefined || "error" in look) throw look?.error;
      const { stat } = look;
      if (this.#options.isIgnored(path, stat.isDirectory())) return null;
      const mode = Number(stat.mode & 0o777n);
      if (stat.isDirectory()) return { kind: "folder", path, mode };
      if (stat.isSymbolicLink()) return { kind: "link", path, mode, target: await readlink(at) };
      if (!stat.isFile()) {
        this.skipped.push({ path, why: "it is a socket, a pipe or a device" });
        return null;
      }
      // What all may read needs no trial, which costs time: most files are like that.
      if ((mode & 0o004) === 0) await (await openFile(at, READ_ONLY)).close();
      return { kind: "file", path, mode, size: Number(stat.size), mtimeNs: stat.mtimeNs };
    } catch (error) {
      // Gone between the two looks: as if it had never been there.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT")
        this.unreadable.push(`"${path}" (${reasonOf(error)})`);
      return null;
    }
  }
}

type Look = { stat: BigIntStats } | { error: unknown };

function lookAt(path: string): Call<Look> {
  return {
    now() {
      try {
        return { stat: lstatSync(path, { bigint: true }) };
      } catch (error) {
        return { error };
      }
    },
    later: () =>
      lstat(path, { bigint: true }).then(
        (stat) => ({ stat }),
        (error: unknown) => ({ error }),
      ),
  };
}

function pathOf(below: string, name: string): string {
  return below === "" ? name : `${below}/${name}`;
}

function sentenceOf(unreadable: readonly string[]): string {
  const named = unreadable.slice(0, MOST_NAMED).join(", ");
  const more = unreadable.length - MOST_NAMED;
  const count = unreadable.length === 1 ? "1 entry" : `${unreadable.length} entries`;
  return `${count} cannot be read: ${named}${more > 0 ? ` and ${more} more` : ""}`;
}

function byCode(one: string, other: string): number {
  return one < other ? -1 : 1;
}
