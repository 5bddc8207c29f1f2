import { BerthError } from "@berth/protocol";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { holdFile } from "../lib/hold-file.ts";

/** Takes a data folder for this server alone, until disposed; makes the folder when it is missing. */
export async function lockDataDir(dir: string): Promise<AsyncDisposable> {
  const what = `Cannot use data folder "${dir}"`;
  const pidFile = join(dir, "server.pid");
  const held = await failing(what, async () => {
    await mkdir(dir, { recursive: true, mode: 0o700 });
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

async function failing<T>(what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new BerthError("STORAGE_FAILED", `${what}: ${why}`, { cause: error });
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
