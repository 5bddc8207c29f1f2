import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { clientBuild } from "./bundle/client-build.ts";
import { writeNotices } from "./bundle/third-party-notices.ts";

/**
 * Makes packages/cli/dist/bundle, or the folder that is named: what starts `berth`, in one file, and what only some commands
 * load, in a few more.
 */

const root = resolve(import.meta.dirname, "..");
const packages = join(root, "packages");
const outFolder = resolve(process.argv[2] ?? join(packages, "cli/dist/bundle"));

await rm(outFolder, { recursive: true, force: true });
const { metafile } = await build({ ...clientBuild({ outFolder, packages }), metafile: true });
writeNotices(Object.keys(metafile.inputs), { root, path: join(outFolder, "THIRD-PARTY.txt") });
