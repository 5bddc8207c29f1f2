import { cpSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join, relative, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/** What belongs to this checkout alone, what is linked instead, and what no build begins with. */
const LEFT_OUT = /^(?:\..*|node_modules|packages\/server\/bundle|packages\/[^/]+\/test)$/;

/**
 * Makes a checkout like this one in the folder `at`, which is not there yet: one that may be built anew while others run what lies here.
 * It has the packages of others by links, its own by its own, and what the compiler has made here so far, so that a build begins there.
 */
export function ownCheckout(at: string): void {
  const filter = (path: string): boolean => !LEFT_OUT.test(relative(root, path));
  mkdirSync(at);
  for (const name of readdirSync(root))
    cpSync(join(root, name), join(at, name), { recursive: true, preserveTimestamps: true, filter });
  const installed = join(root, "node_modules");
  mkdirSync(join(at, "node_modules"));
  for (const name of readdirSync(installed).filter((entry) => entry !== ".cache" && entry !== "@berth"))
    symlinkSync(join(installed, name), join(at, "node_modules", name));
  // By links that lead from the folder they lie in to the packages beside it.
  cpSync(join(installed, "@berth"), join(at, "node_modules/@berth"), {
    recursive: true,
    verbatimSymlinks: true,
  });
}
