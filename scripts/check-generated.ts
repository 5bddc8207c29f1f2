import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { generators } from "./generate/generators.ts";
import { staleFiles } from "./generate/stale-files.ts";

const root = resolve(import.meta.dirname, "..");
await using fresh = await mkdtempDisposable(join(tmpdir(), "berth-generated-"));

for (const generator of generators) await generator.write(fresh.path);
const problems = generators.flatMap((generator) => staleFiles(generator, root, fresh.path));
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
