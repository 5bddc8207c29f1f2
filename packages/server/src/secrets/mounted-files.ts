import { constants } from "node:fs";
import { open, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { BerthError, isDefinedName, isSecretKey, secretBounds } from "@berth/protocol";
import { boundProblems } from "../core/secrets/merge-update.ts";
import type { SecretSource } from "./secret-source.ts";

/**
 * Secrets as files `FOLDER/NAME/KEY`, as Kubernetes and Docker mount them. Kubernetes changes all files of a secret at once
 * by one link, `..data`, to the folder that holds them: that link is followed, once for all keys, and no other.
 */
export function mountedFiles(root: string): SecretSource {
  return {
    async list() {
      const entries = await readdir(root, { withFileTypes: true }).catch(nothing);
      const names = entries.filter((entry) => entry.isDirectory() && isDefinedName(entry.name));
      const all = await Promise.all(
        names.map(async ({ name }) => ({ name, keys: await keysIn(await folderOf(root, name)) })),
      );
      return all.filter(({ keys }) => keys.length > 0).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    async read(name) {
      if (!isDefinedName(name)) return null;
      const folder = await folderOf(root, name);
      const values = new Map<string, Uint8Array>();
      for (const key of await keysIn(folder))
        values.set(key, await readValue(join(folder, key), { name, key }));
      if (values.size === 0) return null;
      const [problem] = boundProblems(values);
      if (problem !== undefined) throw unreadable(name, `it ${problem.message}`);
      return values;
    },
  };
}

function nothing(error: NodeJS.ErrnoException): never[] {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
  throw error;
}

async function folderOf(root: string, name: string): Promise<string> {
  const folder = join(root, name);
  const target = await readlink(join(folder, "..data")).catch(() => null);
  return target !== null && /^\.\.[^/.][^/]*$/.test(target) ? join(folder, target) : folder;
}

async function keysIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(nothing);
  return entries
    .filter((entry) => entry.isFile() && isSecretKey(entry.name))
    .map((entry) => entry.name)
    .toSorted();
}

/** A file of a mounted secret ends as its author wrote it: nothing is cut off. */
async function readValue(path: string, { name, key }: { name: string; key: string }): Promise<Buffer> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const bytes = Buffer.alloc(secretBounds.value + 1);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    if (bytesRead <= secretBounds.value) return bytes.subarray(0, bytesRead);
  } catch (error) {
    throw unreadable(name, `key "${key}" cannot be read`, error);
  }
  throw unreadable(name, `key "${key}" is larger than ${secretBounds.value} bytes`);
}

function unreadable(name: string, why: string, cause?: unknown): BerthError {
  const fix = "Mend the files in the folder that `BERTH_SECRETS_FOLDER` names";
  return new BerthError("SECRET_NOT_FOUND", `Cannot read mounted secret "${name}": ${why}`, { fix, cause });
}
