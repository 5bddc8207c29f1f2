import type { StoredUpload } from "../../store.ts";
import { fromColumn, toColumn } from "../words/exact-text.ts";
import type { UploadTable } from "../tables.ts";

/** The one place that knows how an upload lies in its row. */
export function fromUploadRow(row: UploadTable): StoredUpload {
  const { owner, created_at, used_at, ...same } = row;
  return { ...same, owner: fromColumn(owner), createdAt: created_at, usedAt: used_at };
}

export function toUploadRow({ owner, createdAt, usedAt, ...same }: StoredUpload): UploadTable {
  return { ...same, owner: toColumn(owner), created_at: createdAt, used_at: usedAt };
}
