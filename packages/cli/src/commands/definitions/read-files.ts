import { isUtf8 } from "node:buffer";
import { createReadStream, readdirSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import type { Readable } from "node:stream";
import { UsageError } from "../../core/usage-error.ts";
import { systemReason } from "../../core/text/system-error.ts";

/** The text of one file, by the name that it is told by. */
export interface GivenFile {
  name: string;
  text: string;
}

/** What a server takes at once. The same as `applyBounds.body`, without loading the schemas. */
const MOST_BYTES = 4 * 2 ** 20;
const extensions: ReadonlySet<string> = new Set([".yaml", ".yml", ".json"]);

/** The files that are named, and those in folders that are: `*.yaml`, `*.yml` and `*.json`, by name. */
export async function readFiles(paths: readonly string[], stdin: Readable): Promise<GivenFile[]> {
  const files: GivenFile[] = [];
  let left = MOST_BYTES;
  for (const path of paths.flatMap(filesAt)) {
    const name = path === "-" ? "standard input" : path;
    const bytes = await readBounded(path === "-" ? stdin : createReadStream(path), { name, most: left });
    left -= bytes.length;
    if (!isUtf8(bytes)) throw cannot(name, "it is not UTF-8 text", "Save it as UTF-8");
    files.push({ name, text: bytes.toString("utf8") });
  }
  return files;
}

function filesAt(path: string): string[] {
  if (path === "-" || statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
  const names = readdirSync(path)
    .filter((name) => extensions.has(extname(name)) && !name.startsWith("."))
    .toSorted();
  if (names.length === 0)
    throw cannot(path, "no file of it ends in .yaml, .yml or .json", "Name another folder, or a file");
  return names.map((name) => join(path, name));
}

async function readBounded(
  stream: Readable,
  { name, most }: { name: string; most: number },
): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of stream) {
      const bytes = Buffer.from(part as Uint8Array | string);
      size += bytes.length;
      if (size > most) break;
      parts.push(bytes);
    }
  } catch (error) {
    const reason = systemReason(error);
    throw cannot(name, reason?.why ?? "it cannot be read", reason?.fix ?? "Name a file that can be read");
  }
  if (size > most)
    throw cannot(
      name,
      "it is more than 4 MiB, with those before it",
      "Apply it in parts, one after the other",
    );
  return Buffer.concat(parts);
}

function cannot(name: string, why: string, fix: string): UsageError {
  return new UsageError(`Cannot read ${name}: ${why}`, fix);
}
