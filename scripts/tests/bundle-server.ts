import { globSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { build, type OutputFile } from "esbuild";
import { serverBuild } from "../bundle/bundle-server-parts.ts";

const root = resolve(import.meta.dirname, "../..");
const server = join(root, "packages/server");

/**
 * Makes in `checkout` what the launcher finds in a checkout that is built: itself, and the bundle of the server of these sources. To load
 * the hundreds that they are takes each server that a test starts a second more.
 */
export async function bundleServer(checkout: string): Promise<void> {
  const built = join(checkout, "packages/server");
  const outFolder = join(built, "bundle");
  const more = { "arm-crash-point": join(server, "test/support/arm-crash-point.ts") };
  const parts = { outFolder, source: join(server, "src"), more };
  const { outputFiles } = await build({ ...serverBuild(parts), write: false });
  // What is asked for by its name last: it asks for the others.
  const named = ({ path }: OutputFile): boolean => dirname(path) !== join(outFolder, "parts");
  for (const file of outputFiles.toSorted((a, b) => Number(named(a)) - Number(named(b)))) write(file);
  forgetOld(outFolder, new Set(outputFiles.map(({ path }) => path)));
  mkdirSync(join(checkout, "bin"), { recursive: true });
  await copyFile(join(root, "bin/berth"), join(checkout, "bin/berth"));
  await copyFile(join(server, "package.json"), join(built, "package.json"));
  link(join(root, "node_modules"), join(checkout, "node_modules"));
  link(join(server, "native"), join(built, "native"));
}

/** At once: another run may start servers meanwhile. */
function write({ path, contents }: OutputFile): void {
  mkdirSync(dirname(path), { recursive: true });
  const beside = `${path}.${process.pid}`;
  writeFileSync(beside, contents);
  renameSync(beside, path);
}

/** Of sources as they were; servers of another run may still ask for what was theirs a moment ago. */
function forgetOld(outFolder: string, written: ReadonlySet<string>): void {
  const anHourAgo = Date.now() - 3_600_000;
  for (const file of globSync("**/*.js{,.map}", { cwd: outFolder })) {
    const path = join(outFolder, file);
    if (!written.has(path) && statSync(path).mtimeMs < anHourAgo) rmSync(path, { force: true });
  }
}

function link(target: string, path: string): void {
  rmSync(path, { force: true });
  symlinkSync(target, path);
}
