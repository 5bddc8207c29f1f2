import type { JobHandle } from "@berth/sdk";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Output } from "../../core/output.ts";
import { printable } from "../../core/printable.ts";
import { UsageError } from "../../core/usage-error.ts";

/** Writes what the job left below a folder of this machine, and says what was skipped. */
export async function downloadArtifacts(
  handle: JobHandle,
  { folder, err, quiet }: { folder: string; err: Output; quiet: boolean },
): Promise<void> {
  const { items, skipped } = await handle.artifacts();
  for (const { path } of items) {
    const target = join(folder, path);
    // A server is not trusted with where files go on this machine.
    if (!resolve(target).startsWith(resolve(folder) + sep)) {
      throw new UsageError(
        `Cannot save artifact "${path}": it points out of "${folder}"`,
        "Do not trust this server",
      );
    }
    await mkdir(dirname(target), { recursive: true });
    await pipeline(handle.artifact(path), createWriteStream(target));
    if (!quiet) await err.line(`berth: saved ${printable(target)}`);
  }
  for (const { path, reason } of skipped) {
    await err.line(`berth: not kept: ${printable(path)}: ${printable(reason)}`);
  }
}
