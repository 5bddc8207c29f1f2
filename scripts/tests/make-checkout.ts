import { globSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { copyFile, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type OutputFile, type Plugin } from "esbuild";
import { serverBuild } from "../bundle/bundle-server-parts.ts";
import { clientBuild } from "../bundle/client-build.ts";
import { guestTests } from "./guest-tests.ts";
import { testPrograms } from "./test-programs.ts";

const root = resolve(import.meta.dirname, "../..");
const packages = join(root, "packages");

/** What the launcher and the bundles look at besides. */
const copied = [
  "bin/berth",
  "packages/cli/bin/berth.cjs",
  "packages/cli/package.json",
  "packages/server/package.json",
];
const linked = ["node_modules", "packages/server/native"];

/**
 * Makes in `checkout` what the launcher finds in a checkout that is built: itself, the client and the server of these sources, each in
 * few files, and beside the server what tests start in processes of their own. To load the hundreds of files that the
 * sources are takes each of these a second or two more.
 */
export async function makeCheckout(checkout: string): Promise<void> {
  await Promise.all([
    bundleServer(join(checkout, "packages/server/bundle")),
    bundleClient(join(checkout, "packages/cli/dist/bundle")),
  ]);
  await Promise.all(copied.map((file) => copy(file, checkout)));
  for (const place of linked) link(join(root, place), join(checkout, place));
}

async function bundleServer(outFolder: string): Promise<void> {
  const ofTests = [...testPrograms, ...guestTests.map((name) => `${name}.test.ts`)];
  const more = Object.fromEntries(ofTests.map((file) => [file.replace(/\.ts$/, ""), join(root, file)]));
  const options = serverBuild({ outFolder, source: join(packages, "server/src"), more });
  const external = [...options.external, "vitest"];
  const plugins = [...options.plugins, placesInSources];
  const { outputFiles } = await build({ ...options, external, plugins, write: false });
  replaceFiles(outFolder, outputFiles);
}

/** Has what belongs to tests find its neighbours where the sources lie, but for itself: `new URL(import.meta.url)`. */
const placesInSources: Plugin = {
  name: "places-in-sources",
  setup(builder) {
    builder.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      if (!/import\.meta\.(?:url|dirname)/.test(text)) return undefined;
      const contents = text
        .replaceAll(/(?<!new URL\()import\.meta\.url/g, JSON.stringify(pathToFileURL(path).href))
        .replaceAll("import.meta.dirname", JSON.stringify(dirname(path)));
      return { contents, loader: "ts" };
    });
  },
};

async function bundleClient(outFolder: string): Promise<void> {
  const { outputFiles } = await build({ ...clientBuild({ outFolder, packages }), write: false });
  replaceFiles(outFolder, outputFiles);
}

function replaceFiles(outFolder: string, files: readonly OutputFile[]): void {
  // What is asked for by its name last: it asks for the others.
  const isNamed = ({ path }: OutputFile): boolean => dirname(path) !== join(outFolder, "parts");
  for (const file of files.toSorted((a, b) => Number(isNamed(a)) - Number(isNamed(b)))) write(file);
  forgetOld(outFolder, new Set(files.map(({ path }) => path)));
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
  for (const file of globSync("**/*.{js,cjs,map}", { cwd: outFolder })) {
    const path = join(outFolder, file);
    if (!written.has(path) && statSync(path).mtimeMs < anHourAgo) rmSync(path, { force: true });
  }
}

async function copy(file: string, checkout: string): Promise<void> {
  mkdirSync(dirname(join(checkout, file)), { recursive: true });
  await copyFile(join(root, file), join(checkout, file));
}

function link(target: string, path: string): void {
  rmSync(path, { force: true });
  symlinkSync(target, path);
}
