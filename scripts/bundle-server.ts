import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { bundleServer } from "./bundle/bundle-server-parts.ts";
import { writeNotices } from "./bundle/third-party-notices.ts";

/**
 * Makes packages/server/bundle, or the folder that is named, which must lie as deep: the server and its threads, in few files.
 * A module of its own costs 4 KiB beside its code, and the server is some 1,900 of them.
 */

const root = resolve(import.meta.dirname, "..");
const outFolder = resolve(process.argv[2] ?? join(root, "packages/server/bundle"));

await rm(outFolder, { recursive: true, force: true });
const inputs = await bundleServer({ outFolder, source: join(root, "packages/server/src") });
writeNotices(inputs, { root, path: join(outFolder, "THIRD-PARTY.txt") });
