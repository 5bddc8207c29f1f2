import { type ListUploadsQuery, operations } from "@berth/protocol";
import type { Caller } from "../../core/caller/caller.ts";
import type { StoredUpload } from "../../store/store.ts";
import type { Context } from "../context.ts";

/** A page of uploads, by name; of those that the caller may see. */
export async function listUploads(
  { uploads, access }: Context,
  { caller, filter }: { caller: Caller; filter: ListUploadsQuery },
): Promise<{ items: StoredUpload[]; next: string | null }> {
  const owner = await access.listed(caller, operations.listUploads.permission);
  return uploads.store.list({ owner, limit: filter.limit, cursor: filter.cursor ?? null });
}
