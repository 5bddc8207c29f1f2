import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { BerthError } from "@berth/protocol";
import { systemReason } from "../../core/system-reason.ts";

/**
 * Writes a file that appears whole or not at all, readable by its owner only from the first instant (or by `mode`), and
 * survives a power loss. Nobody else may write the same file meanwhile. Throws BerthError STORAGE_FAILED.
 */
export async function writeDurably(
  path: string,
  text: string,
  { mode = 0o600 }: { mode?: number } = {},
): Promise<void> {
  const draft = `${path}.new`;
  try {
    // A draft that a crash left may have other permissions, which opening it would not change.
    await rm(draft, { force: true });
    {
      await using file = await open(draft, "wx", mode);
      await file.chmod(mode);
      await file.writeFile(text);
      await file.sync();
    }
    await rename(draft, path);
    await using folder = await open(dirname(path));
    await folder.sync();
  } catch (error) {
    throw storageFailed(`Cannot write "${path}"`, error);
  }
}

export function storageFailed(what: string, error: unknown): BerthError {
  const { why, fix } = systemReason(error);
  return new BerthError("STORAGE_FAILED", `${what}: ${why}`, {
    ...(fix !== undefined && { fix }),
    cause: error,
  });
}
