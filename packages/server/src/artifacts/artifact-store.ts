import type { ArtifactList, Artifact } from "@berth/protocol";
import type { Readable } from "node:stream";

/** What jobs left, in `<data>/artifacts/<id>/`. The listing is stored beside it, so that it needs no walk. */
export interface ArtifactStore {
  /** An empty folder for the artifacts of a job that has ended. */
  prepare(jobId: string): Promise<string>;
  save(jobId: string, list: ArtifactList): Promise<void>;
  list(jobId: string): Promise<ArtifactList>;
  /** null when that path was not kept. Never follows a link. */
  open(jobId: string, path: string): Promise<{ artifact: Artifact; stream: Readable } | null>;
  /** Idempotent. */
  delete(jobId: string): Promise<void>;
}
