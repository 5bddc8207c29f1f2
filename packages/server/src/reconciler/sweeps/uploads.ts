import type { StoredUpload } from "../../store/store.ts";
import type { ReconcilerContext } from "../context.ts";

const batch = 100;
/** What was begun and not gone on with for so long is given up. */
const keepUnfinishedMs = 24 * 3_600_000;

/** Removes uploads that nobody has used in a while, and files that belong to none: left by a crash. */
export async function sweepUploads(context: ReconcilerContext, signal: AbortSignal): Promise<void> {
  const { uploads, clock, settings } = context;
  if (!uploads) return;
  const now = clock.now();
  await removeUnused(context, { state: "receiving", since: now - keepUnfinishedMs, signal });
  await removeUnused(context, { state: "complete", since: now - (settings.keepUploadsMs ?? 0), signal });
  for await (const { kind, name } of uploads.files.list()) {
    if (signal.aborted) return;
    if (kind === "content") await uploads.removeUnheld(name);
    else if (!(await uploads.store.holdsPart(name))) await uploads.files.removePart(name);
  }
}

async function removeUnused(
  { uploads, report }: ReconcilerContext,
  { signal, ...options }: { state: StoredUpload["state"]; since: number; signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted && uploads) {
    const old = await uploads.store.unused({ ...options, limit: batch });
    let removed = 0;
    for (const upload of old) {
      try {
        if ((await uploads.remove(upload)) === "deleted") removed += 1;
      } catch (error) {
        report.fault(`Cannot remove upload "${upload.name}"`, error);
      }
    }
    // What could not be removed now would be found again at once.
    if (removed < batch) return;
  }
}
