import type { JobHandle } from "@berth/sdk";
import { createWriteStream } from "node:fs";
import { lstat, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Output } from "../../../core/output.ts";
import { makeFolder } from "../../../core/settings/make-folder.ts";
import { printable } from "../../../core/text/printable.ts";
import { UsageError } from "../../../core/usage-error.ts";

export interface DownloadOptions {
  folder: string;
  /** What to do where a file of that name is there already. */
  existing: "refuse" | "replace";
  err: Output;
  quiet: boolean;
}

/** For `--force`, wherever artifacts are fetched. */
export const forceFlag = {
  force: { type: "boolean", about: "Fetched files replace those that are there" },
} as const;

/**
 * Writes what the job left below a folder of this machine, and says what was skipped. Where a file of its own name is
 * there already, nothing is written at all.
 */
export async function downloadArtifacts(
  handle: JobHandle,
  { folder, existing, err, quiet }: DownloadOptions,
): Promise<void> {
  const { items, skipped } = await handle.artifacts();
  const targets = items.map(({ path }) => ({ path, target: targetOf(path, folder) }));
  if (existing === "refuse") await refuseExisting(targets, { id: handle.id, folder });
  for (const { path, target } of targets) {
    await save(handle.artifact(path), target);
    if (!quiet) await err.line(`berth: saved ${printable(target)}`);
  }
  for (const { path, reason } of skipped) {
    await err.line(`berth: not kept: ${printable(path)}: ${printable(reason)}`);
  }
}

/** A server is not trusted with where files go on this machine. */
function targetOf(path: string, folder: string): string {
  const target = join(folder, path);
  if (resolve(target).startsWith(resolve(folder) + sep)) return target;
  throw new UsageError(
    `Cannot save artifact "${path}": it points out of "${folder}"`,
    "Do not trust this server",
  );
}

const mostNamed = 10;

async function refuseExisting(
  targets: readonly { target: string }[],
  { id, folder }: { id: string; folder: string },
): Promise<void> {
  const taken: string[] = [];
  for (const { target } of targets) if (await isThere(target)) taken.push(target);
  if (taken.length === 0) return;
  const more = taken.length > mostNamed ? [`  and ${taken.length - mostNamed} more`] : [];
  throw new UsageError(
    `Cannot save the artifacts of job ${id}: ${taken.length === 1 ? "a file is" : `${taken.length} files are`} there already, and nothing was fetched`,
    `Name another folder, or replace what is there: \`berth artifacts ${id} --download ${folder} --force\``,
    { lines: [...taken.slice(0, mostNamed).map((path) => `  ${printable(path)}`), ...more] },
  );
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/** Under its name only once it is whole: what is cut off neither stays nor has destroyed what was there. */
async function save(content: AsyncIterable<Uint8Array>, target: string): Promise<void> {
  await makeFolder(dirname(target));
  const part = join(dirname(target), `.${basename(target).slice(0, 200)}.${process.pid}.part`);
  try {
    await pipeline(content, createWriteStream(part, { flags: "wx" }));
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
