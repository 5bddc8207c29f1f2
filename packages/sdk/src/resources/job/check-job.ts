import { routes } from "@berth/protocol/routes";
import type { Rest } from "../../transport/http.ts";
import { isFolder } from "../upload/upload-source.ts";
import type { SignalOptions } from "./job-handle.ts";
import { encodeJobRequest, type JobRequest, type SentRequest } from "./job-request.ts";

/** Asks the server whether it would take such a job. Sends no contents. */
export async function checkJob(
  rest: Rest,
  request: JobRequest,
  { signal }: SignalOptions = {},
): Promise<void> {
  await rest.json({ route: routes.checkJob, body: encodeJobRequest(outlineOf(request)), signal });
}

/** The request with empty files, and in the place of its folder an archive that nobody has: the server does not look for it. */
function outlineOf({ files, archive, stdin, ...request }: JobRequest): SentRequest {
  const folder = { upload: "0".repeat(64), format: "tar" } as const;
  const whole = isFolder(files) || isFolder(archive) ? folder : archive;
  return {
    ...request,
    ...(stdin !== undefined && { stdin: "" }),
    ...(whole !== undefined && { archive: whole }),
    ...(files !== undefined &&
      !isFolder(files) && { files: Object.fromEntries(Object.keys(files).map((name) => [name, ""])) }),
  };
}
