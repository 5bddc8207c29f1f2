import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

const source = "berth-source";
const conditions = [source, "module", "node", "development|production"];

const minute = 60_000;

/** For `npm run mutate` alone: the tests of one room, which MUTATE_TESTS names, a pattern a line. */
export default defineConfig({
  resolve: { conditions, alias: ["protocol", "sdk"].flatMap(aliasesOf) },
  ssr: { resolve: { conditions, externalConditions: [source] } },
  test: {
    execArgv: [`--conditions=${source}`],
    include: (process.env["MUTATE_TESTS"] ?? "").split("\n").filter(Boolean),
    // Long, as what only a loaded host holds up would be counted as noticed: what has no end is ended by Stryker.
    testTimeout: minute,
    hookTimeout: minute,
  },
});

/** Leads to the copy that is mutated: the links in node_modules lead to the original. */
function aliasesOf(name: string) {
  const folder = join(process.cwd(), "packages", name);
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    exports: Record<string, { [source]: string }>;
  };
  return Object.entries(exports).map(([path, { [source]: file }]) => ({
    find: new RegExp(`^@berth/${name}${path.slice(1)}$`),
    replacement: join(folder, file),
  }));
}
