import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Room } from "./rooms.ts";

export interface RoomScore {
  /** Percent of the changes that a test noticed, with one decimal. */
  score: number;
  noticed: number;
  unnoticed: number;
}

interface Mutant {
  status: string;
  mutatorName: string;
  replacement?: string;
  location: { start: { line: number } };
}

interface Report {
  files: Record<string, { source: string; mutants: Mutant[] }>;
}

/** Changes a room in every way that Stryker knows, and returns what its tests noticed. Prints what they did not. */
export function runRoom({ name, files, tests }: Room): RoomScore {
  const folder = mkdtempSync(join(tmpdir(), "berth-mutate-"));
  const report = join(folder, "report.json");
  const config = join(folder, "stryker.json");
  const settings = {
    testRunner: "vitest",
    plugins: ["@stryker-mutator/vitest-runner"],
    vitest: { configFile: "scripts/mutate/vitest.config.ts", related: false, pool: "forks" },
    coverageAnalysis: "perTest",
    concurrency: 1,
    timeoutMS: 4000,
    // TypeScript 7 has no JavaScript API for Stryker to read the configuration with.
    tsconfigFile: "none",
    tempDirName: join(folder, "copy"),
    reporters: ["json"],
    jsonReporter: { fileName: report },
    ignorePatterns: ["dist", "bench", "docs", "e2e"],
    mutate: files,
  };
  writeFileSync(config, JSON.stringify(settings));
  try {
    const env = { ...process.env, MUTATE_TESTS: tests.join(",") };
    const stryker = join(process.cwd(), "node_modules/.bin/stryker");
    const { status } = spawnSync(stryker, ["run", config], { env, stdio: ["ignore", "ignore", "inherit"] });
    if (status !== 0) throw new Error(`Cannot mutate room "${name}": Stryker ended with ${status}`);
    return scoreOf(JSON.parse(readFileSync(report, "utf8")) as Report);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function scoreOf({ files }: Report): RoomScore {
  const score = { noticed: 0, unnoticed: 0 };
  for (const [file, { source, mutants }] of Object.entries(files)) {
    const lines = source.split("\n");
    for (const { status, mutatorName, replacement = "", location } of mutants) {
      if (status === "Killed" || status === "Timeout") score.noticed += 1;
      if (status !== "Survived" && status !== "NoCoverage") continue;
      score.unnoticed += 1;
      const { line } = location.start;
      const text = lines[line - 1]?.trim() ?? "";
      console.log(`  unnoticed: ${file}:${line} ${mutatorName}: ${text} -> ${oneLine(replacement)}`);
    }
  }
  const percent = (100 * score.noticed) / Math.max(score.noticed + score.unnoticed, 1);
  return { score: Math.floor(percent * 10) / 10, ...score };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").slice(0, 80);
}
