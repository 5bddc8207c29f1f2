import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { bundleParts } from "./bundle/bundle-parts.ts";
import { writeNotices } from "./bundle/third-party-notices.ts";

/**
 * Makes packages/cli/dist/bundle, or the folder that is named: what starts `berth`, in one file, and what only some commands
 * load, in a few more.
 */

const root = resolve(import.meta.dirname, "..");
const source = join(root, "packages/cli/src");
const outFolder = resolve(process.argv[2] ?? join(root, "packages/cli/dist/bundle"));

await rm(outFolder, { recursive: true, force: true });
const inputs = await bundleParts({
  outFolder,
  main: join(source, "main.ts"),
  // Each a file of its own: reading and checking them would cost every start.
  later: {
    grpc: join(source, "core/grpc-transport.ts"),
    folder: join(root, "packages/sdk/src/folder/pack-folder.ts"),
    yaml: join(source, "commands/definitions/yaml-file.ts"),
    "make-request": join(source, "commands/certificate/make-request.ts"),
  },
});
writeNotices(inputs, { root, path: join(outFolder, "THIRD-PARTY.txt") });
