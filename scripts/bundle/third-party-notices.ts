import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes the licenses of all packages that the given files belong to, as these licenses ask for. */
export function writeNotices(
  inputs: readonly string[],
  { root, path }: { root: string; path: string },
): void {
  const folders = new Set(inputs.flatMap((input) => packageFolder(input) ?? []));
  const notices = [...folders].toSorted().map((folder) => noticeOf(join(root, folder)));
  writeFileSync(path, notices.join(`\n${"-".repeat(80)}\n\n`));
}

/** `node_modules/a` of `node_modules/a/lib/b.js`; null for our own files. */
function packageFolder(input: string): string | null {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? null;
}

function noticeOf(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, unknown>;
  const head = `${String(manifest["name"])} ${String(manifest["version"])} (${String(manifest["license"])})\n`;
  const file = readdirSync(folder).find((name) => /^(?:licen[cs]e|copying)/i.test(name));
  return file === undefined ? head : `${head}\n${readFileSync(join(folder, file), "utf8")}`;
}
