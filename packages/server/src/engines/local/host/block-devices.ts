import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * The block devices that jobs read and write: of their own files and output, and of the toolchain that they see. None
 * where their own files lie on none: a limit that spares those would be no limit.
 */
export function devicesOfJobs(dataDir: string): string[] {
  const own = blockDevicesOf(dataDir);
  return own.length === 0 ? [] : [...new Set([...own, ...["/usr", "/etc"].flatMap(blockDevicesOf)])];
}

/**
 * The block devices that `folder` lies on, as MAJOR:MINOR: the whole disk of a partition, and everything below a
 * stacked device. Empty for file systems without one (overlay, tmpfs, network).
 */
function blockDevicesOf(folder: string): string[] {
  const { dev } = statSync(folder);
  const [major, minor] = [(dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xfff00)];
  return major === 0 ? [] : [...new Set(wholeDisks(`${major}:${minor}`))];
}

function wholeDisks(device: string): string[] {
  const folder = `/sys/dev/block/${device}`;
  const own =
    read(join(folder, "partition")) === null ? device : (read(join(parentOf(folder), "dev")) ?? device);
  const below = names(join(folder, "slaves")).map((name) => read(`/sys/class/block/${name}/dev`));
  return [own, ...below.filter((one) => one !== null).flatMap(wholeDisks)];
}

/** A partition's folder lies in that of its disk. */
function parentOf(folder: string): string {
  return join("/sys/dev/block", readlinkSync(folder), "..");
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return null;
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
