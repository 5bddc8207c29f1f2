import { type Pack, pack as newPack } from "tar-stream";
import type { FolderEntry } from "./list-folder.ts";
import { type ReadEntry, readEntries } from "./read-entries.ts";

/**
 * A folder's entries as a tar archive: the same entries are the same bytes. It keeps modes and times of files, which `make`
 * compares, and no owners. Read at the pace at which it is taken.
 */
export async function* tarOf(
  folder: string,
  entries: readonly FolderEntry[],
): AsyncGenerator<Uint8Array, void> {
  const pack = newPack();
  const filling = fill(pack, folder, entries).then(
    () => pack.finalize(),
    (error: unknown) => pack.destroy(error as Error),
  );
  try {
    for await (const block of pack) yield block as Uint8Array;
  } finally {
    // Where nobody takes any more, what fills it is to end too.
    pack.destroy();
    await filling;
  }
}

async function fill(pack: Pack, folder: string, entries: readonly FolderEntry[]): Promise<void> {
  for await (const { entry, blocks } of readEntries(folder, entries)) await add(pack, entry, blocks);
}

/** Resolves when the entry is in the archive, and nothing of it is open any more. */
async function add(pack: Pack, entry: FolderEntry, blocks: ReadEntry["blocks"]): Promise<void> {
  let settle: (error?: Error | null) => void = ignored;
  const written = new Promise<void>((resolve, reject) => {
    settle = (error) => (error instanceof Error ? reject(error) : resolve());
  });
  // Met where it is awaited, which may be late.
  written.catch(ignored);
  const sink = pack.entry(headerOf(entry), (error) => settle(error));
  sink.on("error", ignored);
  if (entry.kind === "file") await pour(blocks, sink);
  await written;
}

async function pour(blocks: ReadEntry["blocks"], sink: Sink): Promise<void> {
  let wake = (): void => undefined;
  sink.on("drain", () => wake());
  // A stream that is destroyed asks for nothing any more.
  sink.once("close", () => wake());
  for await (const block of blocks()) {
    if (sink.write(block) || sink.destroyed) continue;
    await new Promise<void>((resolve) => (wake = resolve));
    if (sink.destroyed) return;
  }
  sink.end(null);
}

function ignored(): void {}

type Sink = ReturnType<Pack["entry"]>;
type Header = Parameters<Pack["entry"]>[0];

function headerOf(entry: FolderEntry): Header {
  const { path, mode } = entry;
  switch (entry.kind) {
    // A folder's time changes with every file that comes and goes in it, also with those that are not packed.
    case "folder":
      return { name: `${path}/`, type: "directory", mode, mtime: FIXED };
    case "link":
      return { name: path, type: "symlink", linkname: entry.target, mode, mtime: FIXED };
    case "file":
      return { name: path, type: "file", mode, size: entry.size, ...timesOf(entry.mtimeNs) };
    default:
      return entry satisfies never;
  }
}

/** Not the first moment of all, which tools take for a mistake. */
const FIXED = new Date("1980-01-01T00:00:00Z");
/** What the header itself can say; beyond it stands in its extension. */
const LATEST_SECONDS = 2n ** 31n - 1n;
const SECOND = 1_000_000_000n;

/** To the nanosecond. */
function timesOf(ns: bigint): { mtime: Date; pax?: Record<string, string> } {
  const seconds = ns < 0n ? 0n : ns / SECOND;
  const rest = ns < 0n ? 0n : ns % SECOND;
  const mtime = new Date(Number(seconds < LATEST_SECONDS ? seconds : LATEST_SECONDS) * 1000);
  if (rest === 0n && seconds <= LATEST_SECONDS) return { mtime };
  return { mtime, pax: { mtime: `${seconds}.${String(rest).padStart(9, "0")}` } };
}
