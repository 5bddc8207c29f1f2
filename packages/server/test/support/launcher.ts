import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(import.meta.dirname, "../../../..");
const checkout = process.env["BERTH_TEST_CHECKOUT"];

/** What operators and users call: of the checkout that was made of these sources for tests, and where none was, of the sources. */
export const launcher = join(checkout ?? root, "bin/berth");

/** Settings without which it would start what was built last, and compile it anew. */
export const asTested: Readonly<Record<string, string>> = {
  NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? "",
  ...(checkout === undefined && { BERTH_FROM_SOURCE: "1" }),
};

/**
 * Where that module of these sources lies for a program that loads it: one of those that scripts/tests/test-programs.ts
 * names, beside the server in the checkout that was made for tests.
 */
export function testModule(source: URL | string): string {
  const file = fileURLToPath(source);
  if (checkout === undefined) return file;
  return join(checkout, "packages/server/bundle", relative(root, file).replace(/\.ts$/, ".js"));
}

/** What starts that program of tests in a process of its own, before its arguments; `words` are for Node. */
export function testProgram(source: URL, words: readonly string[] = []): [string, ...string[]] {
  const conditions = checkout === undefined ? ["--conditions=berth-source"] : [];
  return [process.execPath, ...conditions, ...words, testModule(source)];
}

/** The module that arms a crash point, which is named behind it. */
export const crashPointArmer = testModule(new URL("arm-crash-point.ts", import.meta.url));
