import { renameSync, writeFileSync } from "node:fs";

/**
 * Writes a file so that whoever reads it finds all of it, or what it held before: also after a kill in the midst of it.
 * With `flush` that holds for the power of the host too.
 */
export function replaceFile(path: string, text: string, { flush = false } = {}): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600, flush });
  renameSync(`${path}.new`, path);
}
