import { closeSync, constants, openSync, writeSync } from "node:fs";
import type { Workload } from "./workload.ts";

const { O_WRONLY, O_NONBLOCK } = constants;

/** Writes a line to the shim of a job. Throws where nobody hears it any more, or it cannot be told now. */
export function tellShim({ folder }: Pick<Workload, "folder">, line: string): void {
  const go = openSync(folder.go, O_WRONLY | O_NONBLOCK);
  try {
    writeSync(go, line);
  } finally {
    closeSync(go);
  }
}
