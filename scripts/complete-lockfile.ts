import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Lockfile, missingPlatforms } from "./lockfile/missing-platforms.ts";

/** Adds what npm left out of package-lock.json; with --check, only says so. */

const path = resolve(import.meta.dirname, "..", "package-lock.json");
const lockfile = JSON.parse(readFileSync(path, "utf8")) as Lockfile;
const missing = missingPlatforms(lockfile);
const names = Object.keys(missing).map((place) => place.replace("node_modules/", ""));

if (process.argv.includes("--check")) {
  for (const name of names) console.error(`package-lock.json: ${name} is missing: run npm run lock`);
  if (names.length > 0) process.exitCode = 1;
} else if (names.length > 0) {
  const packages = Object.entries({ ...lockfile.packages, ...missing });
  const sorted = Object.fromEntries(packages.toSorted(([a], [b]) => a.localeCompare(b, "en")));
  writeFileSync(path, `${JSON.stringify({ ...lockfile, packages: sorted }, null, 2)}\n`);
}
