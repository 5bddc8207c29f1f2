import { BerthError } from "@berth/protocol/errors";
import type { Rest } from "../../transport/http.ts";
import { checkJob } from "../job/check-job.ts";
import type { JobRequest, SentRequest } from "../job/job-request.ts";
import { isFolder } from "./upload-source.ts";
import type { SendFolderOptions, Uploads } from "../uploads.ts";

/**
 * The request with what the server knows of its folder, in the place of the folder. A job that the server would refuse is
 * refused before a folder is read.
 */
export async function withFolderSent(
  whole: JobRequest,
  { uploads, rest }: { uploads: Uploads; rest: Rest },
  options: SendFolderOptions,
): Promise<SentRequest> {
  const { files, archive, ...request } = whole;
  if (isFolder(files) && archive !== undefined) throw twice();
  if (isFolder(files) || isFolder(archive)) await checkJob(rest, whole, options);
  if (isFolder(files)) return { ...request, archive: await uploads.archive(files, options) };
  const sent = isFolder(archive) ? await uploads.archive(archive, options) : archive;
  return { ...request, ...(files !== undefined && { files }), ...(sent !== undefined && { archive: sent }) };
}

function twice(): BerthError {
  return new BerthError("REQUEST_INVALID", "Cannot submit a job: it has a folder and an archive", {
    problems: [{ field: "files", message: "must hold files by name where there is an archive too" }],
  });
}
