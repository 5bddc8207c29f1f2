import { BerthError } from "@berth/protocol/errors";
import type { JobRequest, SentRequest } from "../job/job-request.ts";
import { isFolder } from "./upload-source.ts";
import type { SendFolderOptions, Uploads } from "../uploads.ts";

/** The request with what the server knows of its folder, in the place of the folder. */
export async function withFolderSent(
  { files, archive, ...request }: JobRequest,
  uploads: Uploads,
  options: SendFolderOptions,
): Promise<SentRequest> {
  if (isFolder(files)) {
    if (archive !== undefined) throw twice();
    return { ...request, archive: await uploads.archive(files, options) };
  }
  const sent = isFolder(archive) ? await uploads.archive(archive, options) : archive;
  return { ...request, ...(files !== undefined && { files }), ...(sent !== undefined && { archive: sent }) };
}

function twice(): BerthError {
  return new BerthError("REQUEST_INVALID", "Cannot submit a job: it has a folder and an archive", {
    problems: [{ field: "files", message: "must hold files by name where there is an archive too" }],
  });
}
