import { resolve } from "node:path";
import { generators } from "./generate/generators.ts";

const root = resolve(import.meta.dirname, "..");
for (const generator of generators) await generator.write(root);
