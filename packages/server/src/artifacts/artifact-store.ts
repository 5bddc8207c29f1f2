import type { ArtifactList, Artifact } from "@berth/protocol";
import type { Readable } from "node:stream";

/** What jobs left, in `<data>/artifacts/<id>/`. The listing is stored beside it, so that it needs no walk. */
export interface ArtifactStore {
  /** An empty folder for the artifacts of a job that has ended. */
  prepare(jobId: string): Promise<string>;
  /**
   * Ends the keeping: what is in the folder is listed from now on. `heldBytes` is what it takes of the disk, which may be
   * less than the sizes say (holes) or more (folders, names). Answers what the job's artifacts hold with their list.
   */
  save(jobId: string, list: ArtifactList, options: { heldBytes: number }): Promise<number>;
  list(jobId: string): Promise<ArtifactList>;
  /** null when that path was not kept. Never follows a link. */
  open(jobId: string, path: string): Promise<{ artifact: Artifact; stream: Readable } | null>;
  /** All jobs that have something here, also what a crash left half made, and what it takes of the disk. For sweeps. */
  held(): AsyncIterable<{ jobId: string; bytes: number }>;
  /** Idempotent. */
  delete(jobId: string): Promise<void>;
}
