import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface TempFolder extends AsyncDisposable {
  readonly path: string;
}

/** A new folder that goes away with everything in it, however deep. Others may pass through it, as below `/var/lib`. */
export function tempFolder(): TempFolder {
  const path = mkdtempSync(join(tmpdir(), "berth-test-"));
  chmodSync(path, 0o711);
  return {
    path,
    async [Symbol.asyncDispose]() {
      await run("rm", ["-rf", "--", path]);
    },
  };
}
