import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { barrelProblems } from "./style/barrel-problems.ts";
import { importProblems } from "./style/import-problems.ts";
import { makerProblems } from "./style/maker-problems.ts";
import { pathProblems } from "./style/path-problems.ts";

const root = resolve(import.meta.dirname, "..");
const paths = globSync(
  ["packages/*/{src,test}/**/*.{ts,tsx}", "{scripts,bench,e2e,examples}/**/*.ts", "*.ts"],
  // One of the folders has packages of its own.
  { cwd: root, exclude: (path) => path.endsWith("node_modules") },
).toSorted();
const sources = paths.filter((path) => /^packages\/[^/]+\/src\//.test(path));

const problems = [
  ...pathProblems(paths),
  ...sources.flatMap((path) => {
    const text = readFileSync(join(root, path), "utf8");
    return [...barrelProblems(path, text), ...importProblems(path, text), ...makerProblems(path, text)];
  }),
];
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
