import { expect, it } from "vitest";
import { barrelProblems } from "./style/barrel-problems.ts";
import { importProblems } from "./style/import-problems.ts";
import { makerProblems } from "./style/maker-problems.ts";
import { pathProblems } from "./style/path-problems.ts";

const src = "packages/server/src";

it.each([
  ["a name that says nothing", `${src}/core/utils.ts`, "says nothing"],
  ["a folder that says nothing", `${src}/shared/limits.ts`, "says nothing"],
  ["a test of a file that says nothing", `${src}/core/helpers.test.ts`, "says nothing"],
  ["camel case", `${src}/core/jobState.ts`, "kebab-case"],
  ["a folder in camel case", `${src}/jobState/table.ts`, "kebab-case"],
  ["a file four folders down", `${src}/a/b/c/d/file.ts`, "deeper than 3"],
])("refuses %s", (_what, path, words) => {
  expect(pathProblems([path])).toEqual([expect.stringContaining(words)]);
});

it.each([
  `${src}/core/job-state.ts`,
  `${src}/core/job-state.test.ts`,
  `${src}/a/b/c/file.ts`,
  "vitest.config.ts",
])("allows %s", (path) => {
  expect(pathProblems([path])).toEqual([]);
});

function files(folder: string, count: number, ending = ".ts"): string[] {
  return Array.from({ length: count }, (_, index) => `${folder}/file-${index}${ending}`);
}

it("refuses a folder with more than 16 entries, and does not count tests", () => {
  expect(pathProblems([...files(`${src}/core`, 16), ...files(`${src}/core`, 16, ".test.ts")])).toEqual([]);
  expect(pathProblems([...files(`${src}/core`, 16), `${src}/core/folder/a.ts`])).toEqual([
    `${src}/core: 17 entries, at most 16: split it by noun`,
  ]);
});

it("lets the server have more rooms at its root, and not more files there", () => {
  const rooms = Array.from({ length: 20 }, (_, index) => `${src}/room-${index}/a.ts`);
  expect(pathProblems([...rooms, `${src}/server.ts`])).toEqual([]);
  expect(pathProblems([...rooms, ...files(src, 17)])).toEqual([
    `${src}: 17 entries, at most 16: split it by noun`,
  ]);
  expect(pathProblems(rooms.map((path) => path.replace("server", "cli")))).toHaveLength(1);
});

it("lets migrations and generated code grow", () => {
  expect(pathProblems([...files(`${src}/store/migrations`, 20), ...files(`${src}/gen`, 20)])).toEqual([]);
});

it.each([
  ["a re-export in an inner file", `${src}/core/index.ts`, `export { a } from "./a.ts";`, 1],
  ["a star in a package's index", `${src}/index.ts`, `export * from "./a.ts";`, 1],
  ["a named re-export in a package's index", `${src}/index.ts`, `export { a, type B } from "./a.ts";`, 0],
  [
    "a named re-export in a package's second entry",
    `${src}/api/executor/executor.ts`,
    `export { a } from "./a.ts";`,
    0,
  ],
  ["an ordinary export", `${src}/core/a.ts`, `export const a = 1;`, 0],
])("judges %s", (_what, path, text, count) => {
  expect(barrelProblems(path, text)).toHaveLength(count);
});

it.each([
  ["by name", 'import { request } from "node:http";'],
  ["beside a type", 'import { type Server, request } from "node:http";'],
  ["as a whole", 'import * as http from "node:http";'],
])("refuses that the server imports node:http %s", (_what, text) => {
  expect(importProblems(`${src}/api/door.ts`, text)).toEqual([expect.stringContaining("getBuiltinModule")]);
});

it.each([
  ["its types alone", `${src}/api/door.ts`, 'import type { Server } from "node:http";'],
  ["another module", `${src}/api/door.ts`, 'import { createServer } from "node:https";'],
  ["it in a test", `${src}/api/door.test.ts`, 'import { request } from "node:http";'],
  ["it in the client", "packages/sdk/src/transport/door.ts", 'import { request } from "node:http";'],
])("allows to import %s", (_what, path, text) => {
  expect(importProblems(path, text)).toEqual([]);
});

it.each([
  ['import { spawn } from "node:child_process";', 1],
  ['import { Worker } from "node:worker_threads";', 1],
  ['import type { ChildProcess } from "node:child_process";', 0],
  ['import { parentPort } from "node:worker_threads";', 0],
  ['import { spawn } from "node:child_process";\nimport { ordinarily } from "../lib/turns/go-first.ts";', 0],
])("sees who makes threads and programs that would go before all others: %s", (text, count) => {
  expect(makerProblems(`${src}/room/file.ts`, text)).toHaveLength(count);
  expect(makerProblems("packages/cli/src/file.ts", text)).toEqual([]);
});
