import { BerthError } from "@berth/protocol";
import { readFileSync, writeFileSync } from "node:fs";
import { chmod, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { systemReason } from "../core/system-reason.ts";
import { holdFile } from "../lib/hold-file.ts";

/** Takes a data folder for this server alone, until disposed; makes the folder when it is missing. */
export async function lockDataDir(dir: string): Promise<AsyncDisposable> {
  const what = `Cannot use data folder "${dir}"`;
  const pidFile = join(dir, "server.pid");
  const held = await failing(what, async () => {
    await makeFolder(dir, { mode: 0o700 });
    const lock = holdFile(join(dir, "server.lock"));
    if (lock !== null) writeFileSync(pidFile, `${process.pid}\n`);
    return lock;
  });
  if (held === null)
    throw new BerthError("DATA_FOLDER_IN_USE", `${what}: another server${pidIn(pidFile)} is using it`);
  return {
    [Symbol.asyncDispose]: () => {
      held[Symbol.dispose]();
      return Promise.resolve();
    },
  };
}

/**
 * Makes a folder and those above it that are missing; one that is there is left as it is. Node's own way never returns
 * where a folder above is there but takes no entries, as /proc.
 */
async function makeFolder(path: string, { mode }: { mode: number }): Promise<void> {
  const parent = dirname(path);
  const failure = await madeOrWhy(path, mode);
  if (failure === null) return;
  if (failure.code !== "ENOENT" || parent === path) throw failure;
  await makeFolder(parent, { mode });
  const again = await madeOrWhy(path, mode);
  if (again !== null) throw again;
}

async function madeOrWhy(path: string, mode: number): Promise<NodeJS.ErrnoException | null> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    const failure = error as NodeJS.ErrnoException;
    if (failure.code !== "EEXIST") return failure;
  }
  return null;
}

async function failing<T>(what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const { why, fix } = systemReason(error);
    throw new BerthError("STORAGE_FAILED", `${what}: ${why}`, {
      ...(fix !== undefined && { fix }),
      cause: error,
    });
  }
}

/** For the person who reads the sentence; nothing depends on it. */
function pidIn(path: string): string {
  try {
    const pid = readFileSync(path, "utf8").trim();
    return /^\d{1,10}$/.test(pid) ? ` (pid ${pid})` : "";
  } catch {
    return "";
  }
}

/** Others may pass through to a job's own folder, which needs it, and may look at nothing. */
export async function openDataDir(dataDir: string): Promise<void> {
  try {
    await makeFolder(dataDir, { mode: 0o711 });
    await chmod(dataDir, 0o711);
  } catch (error) {
    const { why, fix } = systemReason(error);
    throw new BerthError("STORAGE_FAILED", `Cannot use data folder "${dataDir}": ${why}`, {
      ...(fix !== undefined && { fix }),
      cause: error,
    });
  }
}
