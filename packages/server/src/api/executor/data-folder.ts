import { systemReason } from "../../core/system-reason.ts";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { BerthError } from "@berth/protocol";

export interface DataFolder extends AsyncDisposable {
  readonly path: string;
}

/** The folder that was asked for, which stays; or a temporary one, which goes with everything in it when disposed. */
export async function openDataFolder(asked: string | undefined): Promise<DataFolder> {
  if (asked !== undefined) return { path: resolve(asked), [Symbol.asyncDispose]: () => Promise.resolve() };
  const parent = tmpdir();
  if (/[\s\\]/.test(parent)) {
    const message = `must be set: the path of the temporary folder "${parent}" holds blanks or backslashes`;
    throw new BerthError("SETTINGS_INVALID", `Cannot open executor: dataDir ${message}`, {
      problems: [{ field: "dataDir", message }],
    });
  }
  const path = await makeTemporary(parent);
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}

async function makeTemporary(parent: string): Promise<string> {
  try {
    const path = await mkdtemp(join(parent, "berth-executor-"));
    await chmod(path, 0o711);
    return path;
  } catch (error) {
    const { why, fix } = systemReason(error);
    throw new BerthError("STORAGE_FAILED", `Cannot make a folder in "${parent}": ${why}`, {
      ...(fix !== undefined && { fix }),
      cause: error,
    });
  }
}
