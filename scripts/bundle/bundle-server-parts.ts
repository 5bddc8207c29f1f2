import { globSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { build, type BuildOptions, type Plugin } from "esbuild";

/** How the server names the file of a thread, wherever it runs from. */
const THREAD = /new URL\(`\.\/([a-z-]+)\$\{extname\(import\.meta\.url\)\}`/g;

/** Loaded at most once in a server's life, if at all; the first two also read files that lie beside them. */
const LEFT_OUT = ["@fastify/swagger", "@fastify/swagger-ui", "ldapts", "openid-client", "pg"];

interface ServerParts {
  outFolder: string;
  source: string;
  /** What else is loaded by its name, beside `commands/main.ts` and each thread: where it comes to lie in the bundle. */
  more?: Readonly<Record<string, string>>;
}

/** Bundles the server. Resolves with the files that went into it. */
export async function bundleServer(parts: ServerParts): Promise<string[]> {
  const result = await build({ ...serverBuild(parts), metafile: true });
  return Object.keys(result.metafile.inputs);
}

/** How the server is bundled. */
export function serverBuild({ outFolder, source, more = {} }: ServerParts) {
  return {
    entryPoints: [join(source, "commands/main.ts"), ...threadsBelow(source)]
      .map((file) => ({ in: file, out: relative(source, file).replace(/\.ts$/, "") }))
      .concat(Object.entries(more).map(([out, file]) => ({ in: file, out }))),
    outdir: outFolder,
    chunkNames: "parts/[name]-[hash]",
    bundle: true,
    splitting: true,
    platform: "node",
    target: "node24",
    format: "esm",
    conditions: ["berth-source"],
    external: LEFT_OUT,
    // The text stays in memory. Lines stay too: an error names them, and the maps say where they come from.
    minifyWhitespace: true,
    lineLimit: 160,
    sourcemap: "linked",
    sourcesContent: false,
    banner: { js: bannerFor(basename(outFolder)) },
    plugins: [ownPlaces(source)],
    legalComments: "none",
    logLevel: "warning",
  } satisfies BuildOptions;
}

/** What is CommonJS asks for parts of Node by `require`, which modules do not have. */
function bannerFor(folder: string): string {
  return [
    'import { createRequire as requireOf } from "node:module";',
    "const require = requireOf(import.meta.url);",
    `const bundleUrl = import.meta.url.replace(/(.*\\/${folder}\\/).*/, "$1");`,
  ].join(" ");
}

/** Files that only a `Worker` is started with. */
function threadsBelow(source: string): string[] {
  return globSync("**/*.ts", { cwd: source }).flatMap((path) => {
    const text = readFileSync(join(source, path), "utf8");
    return [...text.matchAll(THREAD)].map(([, name]) => join(source, dirname(path), `${name}.ts`));
  });
}

/** Has each module find its neighbours as if it lay in the bundle where it lies in the sources. */
function ownPlaces(source: string): Plugin {
  return {
    name: "own-places",
    setup(builder) {
      builder.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (!path.startsWith(`${source}/`)) return undefined;
        const text = await readFile(path, "utf8");
        if (!text.includes("import.meta.url")) return undefined;
        const place = relative(source, path).replace(/\.ts$/, ".js");
        return {
          contents: text.replaceAll("import.meta.url", `new URL("${place}", bundleUrl).href`),
          loader: "ts",
        };
      });
    },
  };
}
