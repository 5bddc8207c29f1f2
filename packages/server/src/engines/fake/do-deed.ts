import { execFile } from "node:child_process";
import { link, mkdir, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { appendOutput } from "./append-output.ts";
import type { JobFolder } from "./job-folder.ts";
import type { Deed } from "./script.ts";
import type { StartRecord } from "./start-record.ts";

const run = promisify(execFile);

export interface DeedSurroundings {
  folder: JobFolder;
  record: StartRecord;
  isCanceled: () => boolean;
}

/** Does what the script says, for real. Doing it again changes nothing, so a crash in the middle does no harm. */
export async function doDeed(deed: Deed, { folder, record, isCanceled }: DeedSurroundings): Promise<void> {
  const sources = { stdinPath: folder.stdin, workPath: folder.work, isCanceled };
  if (deed.kind === "output") {
    const { limits, output } = record.launch;
    const base = record.outputFrom[deed.stream];
    const cap = limits.overflow === "discard" ? base + limits.outputBytes.value : null;
    const from = base + deed.from;
    return appendOutput(output[deed.stream], { bytes: deed.bytes, from, cap, ...sources });
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
      return void (await run("mkfifo", ["--", path]));
    default:
      return deed satisfies never;
  }
}
