import { isUtf8 } from "node:buffer";
import { createReadStream, existsSync, statSync } from "node:fs";
import { basename } from "node:path";
import type { Readable } from "node:stream";
import { systemReason } from "../../core/text/system-error.ts";
import { UsageError } from "../../core/usage-error.ts";

/** What a job may bring along, all files together. The same as `specBounds.filesTotal`, without loading the schemas. */
export const largestInput = 10 * 2 ** 20;

/** The files that `--file LOCAL[:NAME]` names, by the name they get in /work. */
export async function readInputFiles(texts: readonly string[]): Promise<Record<string, string | Uint8Array>> {
  const files: [string, string | Uint8Array][] = [];
  let total = 0;
  for (const text of texts) {
    const { local, name } = splitFile(text);
    const content = await readInput(local, { flag: "--file" });
    total += Buffer.byteLength(content);
    if (total > largestInput) {
      throw new UsageError(
        "Cannot send the files: they are larger than 10 MiB together",
        "Send them as a folder with --dir",
      );
    }
    files.push([name, content]);
  }
  return Object.fromEntries(files);
}

/** `LOCAL:NAME`, unless a file of that whole name is there. */
export function splitFile(text: string): { local: string; name: string } {
  const at = text.lastIndexOf(":");
  if (at <= 0 || at === text.length - 1 || existsSync(text)) return { local: text, name: basename(text) };
  return { local: text.slice(0, at), name: text.slice(at + 1) };
}

/** A file's content, or that of stdin for `-`: as text where it is text, which is shorter on the wire than base64. */
export async function readInput(
  path: string,
  { flag, stdin }: { flag: string; stdin?: Readable },
): Promise<string | Uint8Array> {
  const shown = path === "-" ? "standard input" : `"${path}"`;
  const bytes = await readBounded(path === "-" && stdin !== undefined ? stdin : open(path, flag), {
    complain: (why) =>
      new UsageError(
        `Cannot send ${shown}: ${why}`,
        `Name a file that can be read, of at most 10 MiB, with ${flag}`,
      ),
  });
  return isUtf8(bytes) ? bytes.toString("utf8") : bytes;
}

function open(path: string, flag: string): Readable {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new UsageError(
      `Cannot send "${path}": it is a directory`,
      `Send its files one by one with ${flag}, or all of it with --dir`,
    );
  }
  return createReadStream(path);
}

async function readBounded(stream: Readable, options: { complain(why: string): Error }): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of stream) {
      const bytes = Buffer.from(part as Uint8Array | string);
      size += bytes.length;
      if (size > largestInput) break;
      parts.push(bytes);
    }
  } catch (error) {
    throw options.complain(reasonOf(error));
  }
  if (size > largestInput) throw options.complain("it is larger than 10 MiB");
  return Buffer.concat(parts);
}

function reasonOf(error: unknown): string {
  return systemReason(error)?.why ?? "it cannot be read";
}
