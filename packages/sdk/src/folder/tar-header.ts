import type { FolderEntry } from "./list-folder.ts";

/** Everything in a tar archive takes whole blocks. */
const TAR_BLOCK = 512;
/** Ends an archive. */
export const TAR_END = Buffer.alloc(2 * TAR_BLOCK);

/** A length, up to the end of its last block. */
export function inBlocks(bytes: number): number {
  return Math.ceil(bytes / TAR_BLOCK) * TAR_BLOCK;
}

/**
 * What stands before the bytes of an entry: its header, behind an extension (pax) with what a header cannot say. It keeps
 * modes and times of files, which `make` compares, and no owners. By hand: a library that writes archives as a stream does
 * not tell where in them an entry will lie, which is what going on with one takes.
 */
export function headerOf(entry: FolderEntry): Buffer {
  const { name, target, size, time } = saidOf(entry);
  const extension = recordsOf({
    path: fits(name, NAME_BYTES) ? undefined : name,
    linkpath: fits(target, NAME_BYTES) ? undefined : target,
    size: size > LARGEST ? String(size) : undefined,
    mtime: time.exact,
  });
  const before = extension.length === 0 ? 0 : TAR_BLOCK + inBlocks(extension.length);
  const header = Buffer.alloc(before + TAR_BLOCK);
  if (before > 0) {
    const own = { name: "PaxHeader", target: "", mode: 0o644, type: "x", size: extension.length };
    writeHeader(header.subarray(0, TAR_BLOCK), { ...own, seconds: FIXED });
    extension.copy(header, TAR_BLOCK);
  }
  const type = TYPES[entry.kind];
  writeHeader(header.subarray(before), { name, target, mode: entry.mode, type, size, seconds: time.seconds });
  return header;
}

const TYPES = { file: "0", link: "2", folder: "5" } as const;
const NAME_BYTES = 100;
/** What the header itself can say; beyond it stands in its extension. */
const LARGEST = 8 ** 11 - 1;
const LATEST_SECONDS = 2n ** 31n - 1n;
const SECOND = 1_000_000_000n;
/** Of folders and links: 1980. Not the first moment of all, which tools take for a mistake. */
const FIXED = 315_532_800;

interface Said {
  name: string;
  target: string;
  size: number;
  /** `exact` where whole seconds do not say it. */
  time: { seconds: number; exact?: string };
}

function saidOf(entry: FolderEntry): Said {
  const { path: name } = entry;
  switch (entry.kind) {
    // A folder's time changes with every file that comes and goes in it, also with those that are not packed.
    case "folder":
      return { name: `${name}/`, target: "", size: 0, time: { seconds: FIXED } };
    case "link":
      return { name, target: entry.target, size: 0, time: { seconds: FIXED } };
    case "file":
      return { name, target: "", size: entry.size, time: timeOf(entry.mtimeNs) };
    default:
      return entry satisfies never;
  }
}

/** To the nanosecond. */
function timeOf(ns: bigint): Said["time"] {
  const at = ns < 0n ? 0n : ns;
  const seconds = at / SECOND;
  const rest = at % SECOND;
  if (rest === 0n && seconds <= LATEST_SECONDS) return { seconds: Number(seconds) };
  const exact = `${seconds}.${String(rest).padStart(9, "0")}`;
  return { seconds: Number(seconds < LATEST_SECONDS ? seconds : LATEST_SECONDS), exact };
}

/** What is not plain ASCII stands in the extension, which says that it is UTF-8. */
function fits(text: string, bytes: number): boolean {
  return text.length <= bytes && !/[^\0-\x7f]/.test(text);
}

function recordsOf(values: Record<string, string | undefined>): Buffer {
  let records = "";
  for (const [key, value] of Object.entries(values))
    if (value !== undefined) records += recordOf(`${key}=${value}`);
  return Buffer.from(records);
}

/** A record begins with its own length, the digits of that included. */
function recordOf(text: string): string {
  const rest = Buffer.byteLength(text) + 2;
  const guess = rest + String(rest).length;
  return `${rest + String(guess).length} ${text}\n`;
}

interface Header {
  name: string;
  target: string;
  mode: number;
  type: string;
  size: number;
  seconds: number;
}

/** Into a block of zeros. */
function writeHeader(block: Buffer, { name, target, mode, type, size, seconds }: Header): void {
  block.write(name, 0, NAME_BYTES);
  block.write(octal(mode, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size > LARGEST ? 0 : size, 11), 124);
  block.write(octal(seconds, 11), 136);
  // Its own sum counts as blanks.
  block.fill(" ", 148, 156);
  block.write(type, 156);
  block.write(target, 157, NAME_BYTES);
  block.write("ustar\0" + "00", 257);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${octal(sum, 6)}\0 `, 148);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}
