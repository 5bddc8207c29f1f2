import { BerthError, operations, type Permission } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { StoredUpload } from "../../store/store.ts";
import type { Context } from "../context.ts";
import { keeping } from "./keeping.ts";

export interface UploadRequest {
  caller: Caller;
  sha256: string;
}

/**
 * The caller's upload of this name; one who may see everybody's finds those of others behind it. Else UPLOAD_NOT_FOUND:
 * what others have sent, and have not, is theirs to know.
 */
export async function findUpload(
  { uploads, access }: Context,
  { caller, sha256 }: UploadRequest,
  permission: Permission = operations.getUpload.permission,
): Promise<StoredUpload> {
  const { store } = uploads;
  const owner = await access.listed(caller, operations.listUploads.permission);
  const own = await store.get(caller.principal.name, sha256);
  const found = own ?? (owner === null ? await store.get(null, sha256) : null);
  if (found === null) throw uploadNotFound(sha256);
  await access.demand(caller, permission, found);
  return found;
}

/** The same, with how many bytes of it have come. One whose content was lost, after a restore, has to be sent again. */
export async function getUpload(
  context: Context,
  request: UploadRequest,
): Promise<{ upload: StoredUpload; offset: number }> {
  const upload = await findUpload(context, request);
  const { state, name } = upload;
  if (state === "complete" && !(await keeping(context.uploads.files.holds(name)))) throw uploadNotFound(name);
  return { upload, offset: await offsetOf(context, upload) };
}

/** Bytes of it that have come. */
export async function offsetOf({ uploads }: Context, { part, bytes }: StoredUpload): Promise<number> {
  return part === null ? bytes : keeping(uploads.files.sizeOf(part));
}

/** Why a job cannot have this upload of its owner's: another's is not told from one that is not there. */
export async function whyNoUpload({ uploads }: Context, owner: string, sha256: string): Promise<BerthError> {
  const found = await uploads.store.get(owner, sha256);
  if (found?.state !== "receiving") return uploadNotFound(sha256);
  return new BerthError("UPLOAD_UNFINISHED", `Cannot unpack upload "${sha256}": not all of it has come`);
}

export function uploadNotFound(name: string): BerthError {
  return new BerthError("UPLOAD_NOT_FOUND", `Cannot find upload "${name}"`);
}
