import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "./make-folder.ts";

/**
 * Writes files for their owner's eyes only, each whole or not at all, in the order given: what belongs together is
 * replaced together as nearly as a file system lets.
 */
export async function saveFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await makeFolder(folder, { mode: 0o700 });
  const drafts = Object.entries(files).map(([name, text]) => ({ path: join(folder, name), text }));
  for (const { path, text } of drafts) {
    await rm(`${path}.new`, { force: true });
    await writeFile(`${path}.new`, text, { mode: 0o600, flag: "wx" });
  }
  for (const { path } of drafts) await rename(`${path}.new`, path);
}
