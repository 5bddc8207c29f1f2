import { isId } from "../../lib/ids.ts";

/** Where a job's output lies. */
export interface JobFolder {
  readonly path: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly index: string;
}

/** The folder of a stage that has an output of its own lies beside its job's: `ID.POSITION`. */
const STAGE = /\.(?:0|[1-9]\d?)$/;

/** The job that an output belongs to; null when the id is not one of ours. */
export function jobOf(outputId: string): string | null {
  const jobId = outputId.replace(STAGE, "");
  return isId(jobId) ? jobId : null;
}

/** null when the id is not one of ours: it never becomes a path. */
export function jobFolder(root: string, outputId: string): JobFolder | null {
  if (jobOf(outputId) === null) return null;
  const path = `${root}/${outputId}`;
  return { path, stdout: `${path}/stdout`, stderr: `${path}/stderr`, index: `${path}/index` };
}
