import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { until } from "./until.ts";

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
      // What was killed a moment ago may still make a file where `rm` has been.
      let last: unknown;
      const isGone = (): Promise<boolean> =>
        run("rm", ["-rf", "--", path]).then(
          () => true,
          (error: unknown) => {
            last = error;
            return false;
          },
        );
      await until(isGone, { what: `the end of ${path}` }).catch((cause: unknown) => {
        throw new Error(`${String(cause)}: ${String(last)}`, { cause });
      });
    },
  };
}
