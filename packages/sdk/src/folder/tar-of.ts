import { inOrder } from "./in-order.ts";
import { LargeFile } from "./large-file.ts";
import type { FolderEntry } from "./list-folder.ts";
import { answers, type Call } from "./quick-calls.ts";
import { type FileEntry, readWhole, readWholeNow } from "./read-file.ts";
import { headerOf, inBlocks, TAR_END } from "./tar-header.ts";

/** So much is read at once where files are no larger: opening them is mostly waiting. */
const RUN_BYTES = 2 ** 18;
const RUN_FILES = 64;
/** Runs, or slices of a large file, that are read while one is taken. */
const AHEAD = 3;

export interface TarOptions {
  entries: readonly FolderEntry[];
  /** The first byte of the archive that is wanted: what lies wholly before it is not read. */
  from?: number;
}

/**
 * A folder's entries as a tar archive: the same entries are the same bytes. Read at the pace at which it is taken. Throws
 * FOLDER_CHANGED, FOLDER_INVALID.
 */
export async function* tarOf(folder: string, options: TarOptions): AsyncGenerator<Uint8Array, void> {
  const open = new Set<LargeFile>();
  try {
    yield* inOrder(readingOf(folder, { ...options, open }), AHEAD);
  } finally {
    // Where nobody takes any more.
    await Promise.all([...open].map((file) => file.close()));
  }
}

/** Entries that are read as one, with their bytes; or the bytes of a large file, whose header is the end of a run. */
type Part =
  | { kind: "run"; items: { header: Uint8Array; file: FileEntry | null }[]; bytes: number }
  | { kind: "large"; file: FileEntry; bytes: number };

function* readingOf(
  folder: string,
  { entries, from = 0, open }: TarOptions & { open: Set<LargeFile> },
): Generator<() => Promise<Uint8Array>, void> {
  let at = 0;
  for (const part of partsOf(entries)) {
    const sent = Math.max(from - at, 0);
    at += part.bytes;
    if (sent >= part.bytes) continue;
    if (part.kind === "large") yield* new LargeFile({ folder, entry: part.file }, open).slices(sent);
    else yield async () => (await readRun(folder, part)).subarray(sent);
  }
}

function* partsOf(entries: readonly FolderEntry[]): Generator<Part, void> {
  let run = newRun();
  for (const entry of entries) {
    const header = headerOf(entry);
    const isLarge = entry.kind === "file" && entry.size > RUN_BYTES;
    const file = entry.kind === "file" && !isLarge ? entry : null;
    run.items.push({ header, file });
    run.bytes += header.length + inBlocks(file?.size ?? 0);
    if (!isLarge && run.items.length < RUN_FILES && run.bytes < RUN_BYTES) continue;
    yield run;
    run = newRun();
    if (isLarge) yield { kind: "large", file: entry, bytes: inBlocks(entry.size) };
  }
  run.items.push({ header: TAR_END, file: null });
  run.bytes += TAR_END.length;
  yield run;
}

function newRun(): Part & { kind: "run" } {
  return { kind: "run", items: [], bytes: 0 };
}

async function readRun(folder: string, { items, bytes }: Part & { kind: "run" }): Promise<Uint8Array> {
  const block = Buffer.allocUnsafe(bytes);
  const reads: Call<void>[] = [];
  let at = 0;
  for (const { header, file } of items) {
    block.set(header, at);
    at += header.length;
    if (file === null) continue;
    const end = at + file.size;
    const listed = { folder, entry: file };
    const into = block.subarray(at, end);
    reads.push({ now: () => readWholeNow(listed, into), later: () => readWhole(listed, into) });
    at += inBlocks(file.size);
    block.fill(0, end, at);
  }
  await answers(reads);
  return block;
}
