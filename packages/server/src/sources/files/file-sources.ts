import { createHmac, hash, randomBytes, randomUUID } from "node:crypto";
import { readFileSync, statSync, utimesSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isCommitId } from "../../core/task/ref.ts";
import type { Source } from "../../core/task/source.ts";
import { crashPoint } from "../../lib/crash-point.ts";
import type { CopyTree, Sources } from "../sources.ts";
import { leadsOut } from "./leads-out.ts";

export interface FileSourcesOptions {
  /** The folder of all trees: nobody but the server and those who mount a tree for a job gets into it. */
  root: string;
  /** Beyond it the trees that were used least recently go; 0 keeps none. */
  mostBytes: number;
  /** The sources of jobs that have not ended. */
  inUse: () => Promise<readonly Source[]>;
  now: () => number;
  report: (what: string, error: unknown) => void;
}

/** A tree that was asked for so lately stays: the job that asked for it may not be stored yet. */
const RECENT_MS = 10 * 60_000;
/** No run before this is worth a write that says so again. */
const NOTED_MS = 60_000;
/** Where a ref led so long ago nobody asks any more. */
const REFS_KEPT_MS = 24 * 60 * 60_000;
const KEY_BYTES = 32;

/**
 * Trees as folders:
 *
 *   trees/NAME/tree   the files, as a job finds them
 *   trees/NAME/bytes  what they take; its time is when it was used last
 *   refs/NAME         where a ref led, and when
 *   key               by which values are marked: without it a mark could be tried for what is easily guessed
 *   new/              what is being made or removed: of a server that died it goes with the next
 *
 * A tree comes to be by one rename, when all of it is on the disk: it is there whole, or not at all.
 */
export class FileSources implements Sources {
  readonly #options: FileSourcesOptions;
  readonly #key: Buffer;
  #sweeping: Promise<void> | null = null;

  private constructor(options: FileSourcesOptions, key: Buffer) {
    this.#options = options;
    this.#key = key;
  }

  static async open(options: FileSourcesOptions): Promise<FileSources> {
    const { root } = options;
    await rm(join(root, "new"), { recursive: true, force: true });
    for (const name of ["trees", "refs", "new"])
      await mkdir(join(root, name), { recursive: true, mode: 0o700 });
    const sources = new FileSources(options, await keyIn(root));
    await sources.#forgetRefs();
    return sources;
  }

  markOf(value: Uint8Array): string {
    return createHmac("sha256", this.#key).update(value).digest("hex");
  }

  async holds(source: Source): Promise<string | null> {
    const commit = isCommitId(source.ref) ? source.ref : this.#ledTo(source);
    if (commit === null || (await this.treeOf({ ...source, commit })) === null) return null;
    return commit;
  }

  async known(source: Source): Promise<string | null> {
    const commit = isCommitId(source.ref) ? source.ref : this.#noted(source)?.commit;
    if (commit === undefined || (await this.treeOf({ ...source, commit })) === null) return null;
    return commit;
  }

  nameOf(source: Source): string | null {
    return this.#options.mostBytes === 0 || isUnproven(source) ? null : refNameOf(source);
  }

  leadsOut(tree: string, folder: string): Promise<boolean> {
    return leadsOut(tree, folder);
  }

  async take(source: Source & { commit: string }, copy: CopyTree): Promise<void> {
    const { root, mostBytes } = this.#options;
    if (mostBytes === 0 || isUnproven(source)) return;
    if ((await this.treeOf(source)) === null) {
      const fresh = join(root, "new", randomUUID());
      await mkdir(fresh, { mode: 0o700 });
      try {
        const bytes = await copy(join(fresh, "tree"));
        await writeFile(join(fresh, "bytes"), String(bytes), { flush: true });
        use(fresh, this.#options.now());
        crashPoint("source-copied");
        await rename(fresh, this.#folderOf(source));
        crashPoint("source-taken");
      } catch (error) {
        await rm(fresh, { recursive: true, force: true });
        // Another job has fetched the same meanwhile, and was first.
        if ((await this.treeOf(source)) === null) throw error;
      }
      await this.#sweep();
    }
    await this.#note(source);
  }

  async treeOf(source: Source): Promise<string | null> {
    if (source.commit === null || isUnproven(source)) return null;
    const folder = this.#folderOf(source);
    const now = this.#options.now();
    // Here and now, as what a run needs of the ref and the tree is three small calls, and by other threads ten times as dear.
    const used = statSync(join(folder, "bytes"), { throwIfNoEntry: false });
    if (used === undefined) return null;
    if (Math.abs(now - used.mtimeMs) >= NOTED_MS) use(folder, now);
    return join(folder, "tree");
  }

  #folderOf(source: Source): string {
    return join(this.#options.root, "trees", nameOf(source));
  }

  #ledTo(source: Source): string | null {
    const { commit, at } = this.#noted(source) ?? { commit: null, at: 0 };
    const age = this.#options.now() - at;
    return age >= 0 && age < source.refreshMs ? commit : null;
  }

  /** What says nothing that can be read is as if it were not there: it is asked for again. */
  #noted(source: Source): { commit: string; at: number } | null {
    const text = readNote(this.#refOf(source));
    const [, commit = "", at = ""] = /^(\S+) (\d+)\n$/.exec(text) ?? [];
    return isCommitId(commit) ? { commit, at: Number(at) } : null;
  }

  async #note(source: Source): Promise<void> {
    const fresh = join(this.#options.root, "new", randomUUID());
    await writeFile(fresh, `${source.commit} ${this.#options.now()}\n`, { mode: 0o600 });
    await rename(fresh, this.#refOf(source));
  }

  #refOf(source: Source): string {
    return join(this.#options.root, "refs", refNameOf(source));
  }

  /** One at a time: two would remove more than is needed. What it cannot do it tries with the next tree. */
  async #sweep(): Promise<void> {
    this.#sweeping ??= this.#removeLeastUsed()
      .catch((error: unknown) => this.#options.report("Cannot remove trees that nobody needs", error))
      .finally(() => {
        this.#sweeping = null;
      });
    await this.#sweeping;
  }

  async #removeLeastUsed(): Promise<void> {
    const { root, mostBytes, inUse, now } = this.#options;
    const trees = await this.#trees();
    let held = trees.reduce((sum, { bytes }) => sum + bytes, 0);
    if (held <= mostBytes) return;
    const needed = new Set((await inUse()).filter(({ commit }) => commit !== null).map(nameOf));
    for (const { name, bytes, usedAt } of trees.toSorted((one, other) => one.usedAt - other.usedAt)) {
      if (held <= mostBytes) return;
      if (needed.has(name) || Math.abs(now() - usedAt) < RECENT_MS) continue;
      const gone = join(root, "new", randomUUID());
      await rename(join(root, "trees", name), gone);
      await rm(gone, { recursive: true, force: true });
      held -= bytes;
    }
  }

  async #trees(): Promise<{ name: string; bytes: number; usedAt: number }[]> {
    const folder = join(this.#options.root, "trees");
    return await Promise.all(
      (await readdir(folder)).map(async (name) => {
        const path = join(folder, name, "bytes");
        const [text, { mtimeMs }] = await Promise.all([readFile(path, "utf8"), stat(path)]);
        return { name, bytes: Number(text), usedAt: mtimeMs };
      }),
    );
  }

  async #forgetRefs(): Promise<void> {
    const folder = join(this.#options.root, "refs");
    for (const name of await readdir(folder)) {
      const { mtimeMs } = await stat(join(folder, name));
      if (Date.now() - mtimeMs > REFS_KEPT_MS) await rm(join(folder, name));
    }
  }
}

function use(folder: string, at: number): void {
  utimesSync(join(folder, "bytes"), new Date(at), new Date(at));
}

function readNote(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Of what a server that died has left there only a whole key counts: with another one all trees are fetched again. */
async function keyIn(root: string): Promise<Buffer> {
  const path = join(root, "key");
  const found = await readFile(path).catch(() => null);
  if (found?.length === KEY_BYTES) return found;
  const [key, fresh] = [randomBytes(KEY_BYTES), join(root, "new", randomUUID())];
  await writeFile(fresh, key, { mode: 0o600, flush: true });
  await rename(fresh, path);
  return key;
}

/** It names a secret, of which nobody has said what it held. */
function isUnproven({ credentials, shown }: Source): boolean {
  return credentials !== null && typeof shown !== "string";
}

/**
 * What is shown to the host, and by which way, is part of it: the commit alone would let anybody read what one may, and the name
 * of a secret alone whoever gives that name to something else. Whom one trusts to be the host is nobody else's business either.
 */
function identityOf({ url, credentials, shown, ca, network, mostBytes, submodules }: Source): string {
  const all = [url, credentials, shown, network, mostBytes, submodules];
  // Jobs of before have none, and neither has what was kept then.
  return JSON.stringify((ca ?? null) === null ? all : [...all, ca]);
}

function nameOf(source: Source): string {
  return `${hashOf([identityOf(source)])}-${source.commit}`;
}

function refNameOf(source: Source): string {
  return hashOf([identityOf(source), source.ref]);
}

function hashOf(words: readonly string[]): string {
  return hash("sha256", JSON.stringify(words)).slice(0, 40);
}
