import { parseSync } from "oxc-parser";

/** What the server runs. */
const SERVER = /^packages\/server\/src\/(?!.*\.test\.ts$)/;
/** What threads and programs are made with: the module, and the one name of it that makes any; null for each of its names. */
const MAKERS: Readonly<Record<string, string | null>> = {
  "node:child_process": null,
  "node:worker_threads": "Worker",
};

/** The server's main thread goes before all others, and what it makes does too unless it is made `ordinarily`. */
export function makerProblems(path: string, text: string): string[] {
  if (!SERVER.test(path)) return [];
  const imports = parseSync(path, text).module.staticImports;
  if (imports.some(({ moduleRequest }) => moduleRequest.value.endsWith("/go-first.ts"))) return [];
  return imports
    .filter(({ moduleRequest, entries }) => {
      const name = MAKERS[moduleRequest.value];
      if (name === undefined) return false;
      return entries.some((one) => !one.isType && (name === null || one.importName.name === name));
    })
    .map(
      ({ moduleRequest }) =>
        `${path}: makes threads or programs (${moduleRequest.value}) that go first as the main thread does: make them by ordinarily() of lib/turns/go-first.ts`,
    );
}
