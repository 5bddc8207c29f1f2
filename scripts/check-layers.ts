import { resolve } from "node:path";
import { layers, pure } from "../layers.ts";
import { layerProblems } from "./layers/layer-problems.ts";
import { readSources } from "./layers/read-sources.ts";

const problems = layerProblems(await readSources(resolve(import.meta.dirname, "..")), { layers, pure });
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
