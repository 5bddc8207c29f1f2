import {
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { copyFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type OutputFile, type Plugin } from "esbuild";

const root = resolve(import.meta.dirname, "../..");
const server = join(root, "packages/server");
const source = join(server, "src");

/**
 * Makes in `checkout` what the launcher finds in a checkout that is built: itself, and the server of these sources in a few files.
 * To load the hundreds that they are takes each server that a test starts a second more.
 */
export async function bundleServer(checkout: string): Promise<void> {
  const built = join(checkout, "packages/server");
  const outdir = join(built, "dist");
  const { outputFiles } = await build({
    entryPoints: entries(),
    outdir,
    write: false,
    bundle: true,
    splitting: true,
    platform: "node",
    target: "node24",
    format: "esm",
    conditions: ["berth-source"],
    // Reads files that lie beside it.
    external: ["pg-native", "@fastify/swagger-ui"],
    // For the libraries that are no modules.
    banner: {
      js: `import { createRequire as forBundle } from "node:module";const require=forBundle(import.meta.url);`,
    },
    plugins: [whereItWas(outdir)],
    logLevel: "warning",
  });
  // What is asked for by its name last: it asks for the others.
  const named = (file: OutputFile): boolean => !/\/chunk-[^/]+$/.test(file.path);
  for (const file of outputFiles.toSorted((a, b) => Number(named(a)) - Number(named(b)))) write(file);
  forgetOld(outdir, new Set(outputFiles.map(({ path }) => path)));
  mkdirSync(join(checkout, "bin"), { recursive: true });
  await copyFile(join(root, "bin/berth"), join(checkout, "bin/berth"));
  await copyFile(join(server, "package.json"), join(built, "package.json"));
  link(join(root, "node_modules"), join(checkout, "node_modules"));
  link(join(server, "native"), join(built, "native"));
}

/** What is asked for by its name: by the launcher, by who starts a thread, by a test. */
function entries(): Record<string, string> {
  const found: Record<string, string> = {
    "commands/main": join(source, "commands/main.ts"),
    "arm-crash-point": join(server, "test/support/arm-crash-point.ts"),
  };
  for (const file of globSync("**/{*-thread,thread}.ts", { cwd: source }))
    found[file.replace(/\.ts$/, "")] = join(source, file);
  return found;
}

/** A file that is bundled knows itself as what it would be built as: so it finds its threads, and what lies beside. */
function whereItWas(outdir: string): Plugin {
  return {
    name: "where-it-was",
    setup(builder) {
      builder.onLoad({ filter: /packages\/server\/src\/.*\.ts$/ }, ({ path }) => {
        const place = pathToFileURL(join(outdir, relative(source, path).replace(/ts$/, "js"))).href;
        const text = readFileSync(path, "utf8").replaceAll("import.meta.url", JSON.stringify(place));
        return { contents: text, loader: "ts" };
      });
    },
  };
}

/** At once: another run may start servers meanwhile. */
function write({ path, contents }: OutputFile): void {
  mkdirSync(dirname(path), { recursive: true });
  const beside = `${path}.${process.pid}`;
  writeFileSync(beside, contents);
  renameSync(beside, path);
}

/** Of sources as they were; servers of another run may still ask for what was theirs a moment ago. */
function forgetOld(outdir: string, written: ReadonlySet<string>): void {
  const anHourAgo = Date.now() - 3_600_000;
  for (const file of globSync("**/*.js", { cwd: outdir })) {
    const path = join(outdir, file);
    if (!written.has(path) && statSync(path).mtimeMs < anHourAgo) rmSync(path, { force: true });
  }
}

function link(target: string, path: string): void {
  rmSync(path, { force: true });
  symlinkSync(target, path);
}
