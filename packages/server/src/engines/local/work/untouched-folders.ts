import { chmodSync, mkdirSync, readdirSync, renameSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** More are not kept: as many as come free at once on a busy host. */
const MOST_KEPT = 64;

/** Moment of the last change of a folder itself: owner, mode, attributes, flags, entries. */
export type Stamp = bigint;

/**
 * Folders that a job has had as its own and never touched, for jobs to come. Most jobs leave theirs as it was, and to
 * remove one for each makes all others dearer: a file system without a journal (ext4 so) gives an inode free again only
 * after minutes, and until then looks at removed ones whenever it makes another file or folder. It also spares the disk
 * two changes a job.
 *
 * Nothing may pass from one job to the next, so a folder is kept only while its change time is what it was before the
 * job came: a job can change it in many ways (attributes, access lists, flags), but none that does not move that time,
 * and none that can set it back. That needs a kernel and a file system which give each change a time of its own
 * (Linux 6.13 and ext4, XFS, btrfs); on others nothing is kept.
 */
export class UntouchedFolders implements Disposable {
  readonly #root: string;
  readonly #kept: string[] = [];
  readonly #canTell: boolean;

  #count = 0;

  /** `root` is empty, ours alone, and on the disk of the jobs' folders. What a dead server left there is removed with it. */
  constructor(root: string) {
    this.#root = root;
    this.#canTell = showsEachChange(join(root, "changes"));
  }

  /** To be called when the job's own code cannot have run yet. null where it does not tell changes apart. */
  stamp(path: string): Stamp | null {
    return this.#canTell ? statSync(path, { bigint: true }).ctimeNs : null;
  }

  /** An empty folder with the mode of a job's, still of an earlier owner; it is the caller's, to be renamed. */
  take(): string | null {
    return this.#kept.pop() ?? null;
  }

  /** Takes over the folder of a job that is gone; false when it has to be removed. */
  keep(path: string, stamp: Stamp | null): boolean {
    if (stamp === null || this.#kept.length >= MOST_KEPT) return false;
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    // What was put into it beforehand is still there: then it is unchanged, but not empty.
    if (stat?.ctimeNs !== stamp || readdirSync(path).length > 0) return false;
    const kept = join(this.#root, String(this.#count++));
    renameSync(path, kept);
    this.#kept.push(kept);
    return true;
  }

  [Symbol.dispose](): void {
    for (const path of this.#kept.splice(0)) rmdirSync(path);
  }
}

/** Whether changes that follow each other at once have different times: on older kernels those of some ms share one. */
function showsEachChange(probe: string): boolean {
  mkdirSync(probe, { recursive: true });
  try {
    const times = [0o700, 0o711, 0o700, 0o711].map((mode) => {
      chmodSync(probe, mode);
      return statSync(probe, { bigint: true }).ctimeNs;
    });
    return new Set(times).size === times.length;
  } finally {
    rmdirSync(probe);
  }
}
