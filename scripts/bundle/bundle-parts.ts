import { resolve } from "node:path";
import { build, type Plugin } from "esbuild";

export interface Parts {
  outFolder: string;
  /** Becomes `main.cjs`. */
  main: string;
  /** Modules that the others load by `import()`, by the name of the file that each becomes. */
  later: Readonly<Record<string, string>>;
}

/** Bundles the parts as CommonJS, which starts sooner than modules do. Resolves with the files that went into them. */
export async function bundleParts({ outFolder, main, later }: Parts): Promise<string[]> {
  const result = await build({
    entryPoints: { main, ...later },
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
    metafile: true,
    logLevel: "warning",
  });
  return Object.keys(result.metafile.inputs);
}

/** Leaves an `import()` of a part to the file that the part becomes. */
function loadedLater(later: Parts["later"]): Plugin {
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
