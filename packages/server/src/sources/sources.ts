import type { Source } from "../core/task/source.ts";

/** Makes a copy of a tree at a path where nothing is yet; answers the bytes that it takes. */
export type CopyTree = (into: string) => Promise<number>;

/**
 * Trees of commits, kept so that a second run of one fetches nothing. One is found by all that a source says of how it is
 * fetched, and by what its credentials hold: whoever knows a url, the id of a commit and the name of a secret does not know what
 * of it somebody else may read, nor does whoever shows what the secret held no longer, or not yet.
 */
export interface Sources {
  /** What a source has as `shown`: the same for the same value, and nothing that tells it. */
  markOf(value: Uint8Array): string;
  /**
   * The commit that a source stands for, where its tree is kept and that is known well enough: its `ref` is a whole commit
   * id, or led there no longer than `refreshMs` ago. null where it has to be fetched.
   */
  holds(source: Source): Promise<string | null>;
  /** The commit that its ref led to last, however long ago, where its tree is kept; else null. */
  known(source: Source): Promise<string | null>;
  /** The same for all that are fetched in the same way, of the same ref; null where nothing of it would be kept. */
  nameOf(source: Source): string | null;
  /** Whether a folder of the kept tree lies outside of it, as a link leads there. A path below the tree, without `..`. */
  leadsOut(tree: string, folder: string): Promise<boolean>;
  /** Keeps the tree of the source's commit, to which its ref has just led. Where it is kept already nothing is copied. */
  take(source: Source & { commit: string }, copy: CopyTree): Promise<void>;
  /** Where the tree of the source's commit is, for an engine to show to a job; null where it is not kept. */
  treeOf(source: Source): Promise<string | null>;
}
