import { parseSync } from "oxc-parser";

/** What the server runs. */
const SERVER = /^packages\/server\/src\/(?!.*\.test\.ts$)/;

/**
 * Importing `node:http` by name loads all that it offers, a client for the web of 2 MB among it, into each server.
 * Imports of its types are nothing when the server runs.
 */
export function importProblems(path: string, text: string): string[] {
  if (!SERVER.test(path)) return [];
  return parseSync(path, text)
    .module.staticImports.filter(({ moduleRequest }) => moduleRequest.value === "node:http")
    .filter(({ entries }) => entries.length === 0 || entries.some(({ isType }) => !isType))
    .map(
      () =>
        `${path}: imports node:http: take it by process.getBuiltinModule("node:http"), and types by import type`,
    );
}
