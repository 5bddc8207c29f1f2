import { join } from "node:path";
import { isId } from "../../lib/ids.ts";

/** Where a job's output lies. */
export interface JobFolder {
  readonly path: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly index: string;
}

/** null when the id is not one of ours: it never becomes a path. */
export function jobFolder(root: string, jobId: string): JobFolder | null {
  if (!isId(jobId)) return null;
  const path = join(root, jobId);
  return { path, stdout: `${path}/stdout`, stderr: `${path}/stderr`, index: `${path}/index` };
}
