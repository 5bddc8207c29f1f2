import { open, opendir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ArtifactList } from "@berth/protocol";
import { isId } from "../../lib/ids.ts";

/** What a listing begins with: whoever counts need not read the rest, which can be megabytes. */
const BEGINNING = /^\{"heldBytes":(\d{1,16}),/;

/** Writes a listing to a new file; answers what the files and it take together. */
export async function writeListing(
  path: string,
  { list, heldBytes }: { list: ArtifactList; heldBytes: number },
): Promise<number> {
  const text = JSON.stringify(list);
  const bytes = heldBytes + Buffer.byteLength(text);
  await writeFile(path, `{"heldBytes":${bytes},${text.slice(1)}`, { mode: 0o600, flush: true });
  return bytes;
}

/** Every job that a folder or a listing below `root` belongs to, once. */
export async function* heldBelow(root: string): AsyncGenerator<{ jobId: string; bytes: number }> {
  const seen = new Set<string>();
  const entries = await opendir(root).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  });
  for await (const { name } of entries) {
    const jobId = name.replace(/\.json(\.new)?$/, "");
    if (!isId(jobId) || seen.has(jobId)) continue;
    seen.add(jobId);
    yield { jobId, bytes: await heldBy(join(root, `${jobId}.json`)) };
  }
}

/** Without a listing, or with one of an earlier version, its own size only: it goes with its job all the same. */
async function heldBy(listing: string): Promise<number> {
  const file = await open(listing).catch(() => null);
  if (!file) return 0;
  try {
    const start = Buffer.alloc(32);
    const { bytesRead } = await file.read(start, 0, start.length, 0);
    const [, bytes] = BEGINNING.exec(start.toString("latin1", 0, bytesRead)) ?? [];
    return bytes === undefined ? (await file.stat()).size : Number(bytes);
  } finally {
    await file.close();
  }
}
