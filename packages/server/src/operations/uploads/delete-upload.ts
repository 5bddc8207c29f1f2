import { BerthError, operations } from "@berth/protocol";
import type { Context } from "../context.ts";
import { findUpload, uploadNotFound, type UploadRequest } from "./find-upload.ts";

export interface DeleteRequest extends UploadRequest {
  /** Only where it has not come whole. */
  unfinished: boolean;
}

/** Forgets an upload with its bytes. UPLOAD_IN_USE while a job that has not ended uses it, UPLOAD_BUSY while it comes. */
export async function deleteUpload(
  context: Context,
  { unfinished, ...request }: DeleteRequest,
): Promise<void> {
  const upload = await findUpload(context, request, operations.deleteUpload.permission);
  const { name, owner } = upload;
  const audited = { ...operations.deleteUpload.permission, name, about: { owner } };
  const store = context.store.audited(context.audit.entry(request.caller, audited)).uploads;
  const outcome = await context.uploads.remove(upload, { unfinished, store });
  if (outcome === "missing") throw uploadNotFound(request.sha256);
  if (outcome === "in-use")
    throw new BerthError(
      "UPLOAD_IN_USE",
      `Cannot delete upload "${request.sha256}": a job that has not ended uses it`,
    );
}
