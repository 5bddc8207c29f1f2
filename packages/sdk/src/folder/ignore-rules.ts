import { readFile } from "node:fs/promises";
import { join } from "node:path";
import ignore from "ignore";
import type { FolderOptions } from "./folder-options.ts";
import { cannotPack, reasonOf } from "./folder-error.ts";

/** Whether something of the folder stays here. `path` is below the folder, with `/` between its names. */
export type IsIgnored = (path: string, isFolder: boolean) => boolean;

/** The rules for one folder, as git reads them: the last line that fits decides, and case counts. */
export async function ignoreRules(
  folder: string,
  { ignoreFile, ignore: lines = [] }: FolderOptions,
): Promise<IsIgnored> {
  const rules = ignore({ ignorecase: false })
    .add(".git")
    .add(await linesOf(folder, ignoreFile))
    .add(lines);
  return (path, isFolder) => rules.ignores(isFolder ? `${path}/` : path);
}

async function linesOf(folder: string, file: string | undefined): Promise<string> {
  try {
    return await readFile(file ?? join(folder, ".berthignore"), "utf8");
  } catch (error) {
    const isDefault = file === undefined;
    if (isDefault && (error as NodeJS.ErrnoException).code === "ENOENT") return "";
    const name = isDefault ? ".berthignore" : file;
    throw cannotPack(folder, `its ignore file "${name}" cannot be read: ${reasonOf(error)}`, {
      cause: error,
      fix: "Name a file of lines as in `.gitignore`",
    });
  }
}
