import { join, resolve } from "node:path";
import type { BuildOptions, Plugin } from "esbuild";

interface Parts {
  outFolder: string;
  /** The folder of all packages. */
  packages: string;
}

/** How the client is bundled: as CommonJS, which starts sooner than modules do. */
export function clientBuild({ outFolder, packages }: Parts) {
  const source = join(packages, "cli/src");
  // Each a file of its own: reading and checking them would cost every start.
  const later = {
    grpc: join(source, "core/grpc-transport.ts"),
    folder: join(packages, "sdk/src/folder/pack-folder.ts"),
    yaml: join(source, "commands/definitions/yaml-file.ts"),
    "make-request": join(source, "commands/certificate/make-request.ts"),
  };
  return {
    entryPoints: { main: join(source, "main.ts"), ...later },
    outdir: outFolder,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    conditions: ["berth-source"],
    // `import()` would start Node's loader of modules, which costs more than what it loads.
    supported: { "dynamic-import": false },
    define: { "import.meta.url": "bundleUrl" },
    banner: { js: 'const bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
    plugins: [loadedLater(later)],
    legalComments: "eof",
    logLevel: "warning",
  } satisfies BuildOptions;
}

/** Leaves an `import()` of a module to the file that it becomes, which has the name that it has here. */
function loadedLater(later: Readonly<Record<string, string>>): Plugin {
  return {
    name: "loaded-later",
    setup(builder) {
      builder.onResolve({ filter: /\.ts$/ }, ({ kind, path, resolveDir }) => {
        if (kind !== "dynamic-import") return undefined;
        const wanted = resolve(resolveDir, path);
        const name = Object.keys(later).find((one) => later[one] === wanted);
        return name === undefined ? undefined : { path: `./${name}.cjs`, external: true };
      });
    },
  };
}
