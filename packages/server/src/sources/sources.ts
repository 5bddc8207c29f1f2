import type { Source } from "../core/task/source.ts";

/** By which a tree is found: whoever knows the id of a commit does not know what of it somebody else may read. */
interface TreeKey {
  url: string;
  commit: string;
}

/**
 * Trees of commits, kept so that a second run of one fetches nothing.
 *
 *   holds -> null: stage `clone` fetches it, then take -> holds
 *         -> a commit: pin, treeOf, and nothing is fetched
 */
export interface Sources {
  /**
   * The commit that a source stands for, where its tree is kept and that is known well enough: its `ref` is a whole commit
   * id, or was asked for no longer than `refreshMs` ago. null where it has to be asked for.
   */
  holds(source: Source): Promise<string | null>;
  /** Notes where the ref of a source leads, as its host said now. */
  note(source: Source, commit: string): Promise<void>;
  /** Makes a folder the tree of a commit: it is moved away. Where there is one already, the folder is thrown away. */
  take(key: TreeKey, folder: string): Promise<void>;
  /** Where the tree of a commit is, for an engine to show to a job; null where it is not kept. */
  treeOf(key: TreeKey): Promise<string | null>;
  /** Until it is unpinned it is not swept, beside those that unfinished jobs name. */
  pin(key: TreeKey): Disposable;
  /** Removes those that were used least recently, until what is left is within its bounds. The bytes that went. */
  sweep(): Promise<number>;
}

/** Keeps nothing: each run fetches what it needs. */
export const noSources: Sources = {
  holds: () => Promise.resolve(null),
  note: () => Promise.resolve(),
  take: () => Promise.resolve(),
  treeOf: () => Promise.resolve(null),
  pin: () => ({ [Symbol.dispose]: () => undefined }),
  sweep: () => Promise.resolve(0),
};
