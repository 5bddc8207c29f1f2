import { readFile } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { artifactList, type ArtifactList } from "@berth/protocol";
import { onLoop } from "../../lib/on-loop.ts";

export const nothing: ArtifactList = { items: [], skipped: [] };

/** Each has ten thousand files at most, and a few megabytes. */
const MOST_LISTS = 4;
const LONG_LIST = 256 * 1024;

/**
 * The lists that were read last. Reading a long one takes the event loop some milliseconds, and whoever fetches all that it
 * names asks for it with each file.
 */
export class RecentLists {
  readonly #lists = new Map<string, Promise<ArtifactList>>();

  /** The list in this file; an empty one where there is none. */
  read(path: string): Promise<ArtifactList> {
    const list = this.#lists.get(path) ?? readList(path);
    // The one that was asked for last goes last.
    this.#lists.delete(path);
    this.#lists.set(path, list);
    const [oldest] = this.#lists.keys();
    if (oldest !== undefined && this.#lists.size > MOST_LISTS) this.#lists.delete(oldest);
    list.catch(() => this.forget(path));
    return list;
  }

  /** To be called when the file has changed. */
  forget(path: string): void {
    this.#lists.delete(path);
  }
}

async function readList(path: string): Promise<ArtifactList> {
  try {
    const text = await readFile(path, "utf8");
    const value = onLoop("artifacts: read a list", (): unknown => JSON.parse(text));
    // Ten thousand of them take as long to check as to parse: others have their turn in between.
    if (text.length > LONG_LIST) await nextTurn();
    return onLoop("artifacts: check a list", () => artifactList.parse(value));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return nothing;
    throw error;
  }
}
