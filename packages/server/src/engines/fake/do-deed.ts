import { execFile } from "node:child_process";
import { link, mkdir, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { overlayOf } from "../../core/stages/surroundings.ts";
import { ordinarily } from "../../lib/turns/go-first.ts";
import { appendOutput } from "./append-output.ts";
import type { JobFolder } from "./job-folder.ts";
import type { OutputWriter } from "./output-writer.ts";
import type { Deed } from "./script.ts";
import type { StartRecord } from "./start-record.ts";

const run = promisify(execFile);

export interface DeedSurroundings {
  folder: JobFolder;
  record: StartRecord;
  output: OutputWriter;
  isCanceled: () => boolean;
}

/** Does what the script says, for real. Doing it again changes nothing, so a crash in the middle does no harm. */
export async function doDeed(
  deed: Deed,
  { folder, record, output, isCanceled }: DeedSurroundings,
): Promise<void> {
  const lowerPath = overlayOf(record.launch.mounts)?.lower ?? null;
  const sources = { stdinPath: folder.stdin, workPath: folder.work, lowerPath, isCanceled };
  if (deed.kind === "output") {
    const { stream, bytes } = deed;
    const files = record.launch.output;
    const from = record.outputFrom[stream] + deed.from;
    const append = (piece: Uint8Array): Promise<void> => output.append(stream, piece);
    await appendOutput(files[stream], { bytes, from, cap: files.limitBytes, append, ...sources });
    if (from + bytes.size > (files.limitBytes ?? Number.POSITIVE_INFINITY)) output.dropped();
    return;
  }
  const path = join(folder.work, deed.path);
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { force: true });
  switch (deed.kind) {
    case "save":
      return appendOutput(path, { bytes: deed.bytes, from: 0, cap: null, ...sources });
    case "symlink":
      return symlink(deed.target, path);
    case "hard-link":
      return link(join(folder.work, deed.target), path);
    case "fifo":
      return void (await ordinarily(() => run("mkfifo", ["--", path])));
    default:
      return deed satisfies never;
  }
}
