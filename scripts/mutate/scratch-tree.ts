import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface ScratchTree extends Disposable {
  readonly path: string;
}

/** A copy of the files that git knows, in which code may be changed; its packages find each other, not the originals. */
export function scratchTree(): ScratchTree {
  const root = process.cwd();
  const path = mkdtempSync(join(tmpdir(), "berth-mutate-"));
  const { stdout } = spawnSync("git", ["ls-files", "-z"], { encoding: "utf8" });
  for (const file of stdout.split("\0").filter(Boolean)) {
    mkdirSync(join(path, dirname(file)), { recursive: true });
    cpSync(join(root, file), join(path, file), { verbatimSymlinks: true });
  }
  const modules = join(path, "node_modules");
  mkdirSync(modules);
  for (const name of readdirSync(join(root, "node_modules"))) {
    // Written to by vitest, and what is made of the sources.
    if ([".vite-temp", ".vite", ".cache"].includes(name)) continue;
    if (name === "@berth")
      cpSync(join(root, "node_modules", name), join(modules, name), {
        verbatimSymlinks: true,
        recursive: true,
      });
    else symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
