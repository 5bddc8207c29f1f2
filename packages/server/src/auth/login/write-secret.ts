import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** Appears whole or not at all, readable by its owner only from the first instant, and survives a power loss. */
export async function writeSecret(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  {
    await using file = await open(draft, "w", 0o600);
    // The mode above counts for a new file only; a draft may be left from a crash.
    await file.chmod(0o600);
    await file.writeFile(text);
    await file.sync();
  }
  await rename(draft, path);
  await using folder = await open(dirname(path));
  await folder.sync();
}
