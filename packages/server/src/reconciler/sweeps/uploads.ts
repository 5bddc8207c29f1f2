import { isBerthError } from "@berth/protocol";
import type { StoredUpload } from "../../store/store.ts";
import type { Uploads } from "../../uploads/uploads.ts";
import type { ReconcilerContext } from "../context.ts";

const batch = 100;
/** What was begun and not gone on with for so long is given up. */
const keepUnfinishedMs = 24 * 3_600_000;
/** Files that belong to nobody are left alone for so long: their row may be on its way, or in a backup that comes. */
const keepUnknownMs = 3_600_000;

/** Removes uploads that nobody has used in a while, and files that belong to none: left by a crash. */
export async function sweepUploads(context: ReconcilerContext, signal: AbortSignal): Promise<void> {
  const { uploads, clock, settings } = context;
  if (!uploads) return;
  const now = clock.now();
  await removeUnused(context, { state: "receiving", since: now - keepUnfinishedMs, signal });
  await removeUnused(context, { state: "complete", since: now - (settings.keepUploadsMs ?? 0), signal });
  for await (const { kind, name, writtenAt } of uploads.files.list()) {
    if (signal.aborted) return;
    if (writtenAt > now - keepUnknownMs) continue;
    if (kind === "content") await uploads.removeUnheld(name);
    else if (!(await uploads.store.holdsPart(name))) await uploads.files.removePart(name);
  }
}

/** What a server before was receiving without a name: whoever sent it can only begin again, and its share is free at once. */
export async function removeNameless(
  { uploads, clock, report, audit, store }: ReconcilerContext,
  signal: AbortSignal,
): Promise<void> {
  if (!uploads) return;
  const before = clock.now();
  const find = (limit: number) => uploads.store.nameless({ before, limit });
  await removeEach(find, { uploads, unusedSince: before, signal, report, audit, store });
}

async function removeUnused(
  { uploads, report, audit, store }: ReconcilerContext,
  { state, since, signal }: { state: StoredUpload["state"]; since: number; signal: AbortSignal },
): Promise<void> {
  if (!uploads) return;
  const find = (limit: number) => uploads.store.unused({ state, since, limit });
  await removeEach(find, { uploads, unusedSince: since, signal, report, audit, store });
}

async function removeEach(
  find: (limit: number) => Promise<StoredUpload[]>,
  {
    uploads,
    unusedSince,
    signal,
    report,
    audit,
    store,
  }: Pick<ReconcilerContext, "audit" | "report" | "store"> & {
    uploads: Uploads;
    unusedSince: number;
    signal: AbortSignal;
  },
): Promise<void> {
  // What cannot be removed now would be found again, before all others.
  const tried = new Set<string>();
  while (!signal.aborted) {
    const limit = batch + tried.size;
    const old = await find(limit);
    for (const upload of old) {
      const key = `${upload.name} ${upload.owner}`;
      if (tried.has(key)) continue;
      tried.add(key);
      try {
        const { name, owner } = upload;
        const entry = audit.ofServer({ verb: "delete", resource: "uploads", name, about: { owner } });
        const recorded = store.audited(entry).uploads;
        if ((await uploads.remove(upload, { unusedSince, store: recorded })) === "deleted") tried.delete(key);
      } catch (error) {
        // Somebody goes on with it at this very moment.
        if (isBerthError(error) && error.code === "UPLOAD_BUSY") continue;
        report.fault(`Cannot remove upload "${upload.name}"`, error);
      }
    }
    if (old.length < limit) return;
  }
}
