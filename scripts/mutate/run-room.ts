import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Room } from "./rooms.ts";

export interface RoomScore {
  /** Percent of the changes that a test noticed, of those that it noticed or did not, with one decimal. */
  score: number;
  noticed: number;
  unnoticed: number;
  /** Changes that never came to an end: neither, as a loaded host does the same to a change that no test notices. */
  endless?: number;
  /** The state (`stateOfRoom`) that this is said of. */
  of?: string;
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
export function runRoom({ name, files, tests, beforeTests }: Room): RoomScore {
  const folder = mkdtempSync(join(tmpdir(), "berth-mutate-"));
  const report = join(folder, "report.json");
  const config = join(folder, "stryker.json");
  const settings = {
    testRunner: "vitest",
    plugins: ["@stryker-mutator/vitest-runner", join(process.cwd(), "scripts/mutate/ignore-descriptions.ts")],
    ignorers: ["descriptions"],
    vitest: { configFile: "scripts/mutate/vitest.config.ts", related: false, pool: "forks" },
    coverageAnalysis: "perTest",
    ignoreStatic: beforeTests === "left out",
    concurrency: 1,
    // Generous, as a change that only a loaded host holds up would be counted as endless.
    timeoutMS: 10_000,
    timeoutFactor: 5,
    // TypeScript 7 has no JavaScript API for Stryker to read the configuration with.
    tsconfigFile: "none",
    tempDirName: join(folder, "copy"),
    logLevel: "warn",
    reporters: ["json", "progress-append-only"],
    jsonReporter: { fileName: report },
    ignorePatterns: ["dist", "bench", "docs", "e2e"],
    mutate: files,
  };
  writeFileSync(config, JSON.stringify(settings));
  try {
    const env = { ...process.env, MUTATE_TESTS: tests.join("\n") };
    const stryker = join(process.cwd(), "node_modules/.bin/stryker");
    const { status } = spawnSync(stryker, ["run", config], { env, stdio: ["ignore", "inherit", "inherit"] });
    if (status !== 0) throw new Error(`Cannot mutate room "${name}": Stryker ended with ${status}`);
    return scoreOf(JSON.parse(readFileSync(report, "utf8")) as Report);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Changes that could not be compiled, and those in code that is marked, count nowhere. */
const countedAs: Record<string, "noticed" | "unnoticed" | "endless"> = {
  Killed: "noticed",
  Survived: "unnoticed",
  NoCoverage: "unnoticed",
  Timeout: "endless",
};

function scoreOf({ files }: Report): RoomScore {
  const score = { noticed: 0, unnoticed: 0, endless: 0 };
  for (const [file, { source, mutants }] of Object.entries(files)) {
    const lines = source.split("\n");
    for (const { status, mutatorName, replacement = "", location } of mutants) {
      const found = countedAs[status];
      if (found === undefined) continue;
      score[found] += 1;
      if (found === "noticed") continue;
      const { line } = location.start;
      const text = lines[line - 1]?.trim() ?? "";
      console.log(`  ${found}: ${file}:${line} ${mutatorName}: ${text} -> ${oneLine(replacement)}`);
    }
  }
  const percent = (100 * score.noticed) / Math.max(score.noticed + score.unnoticed, 1);
  return { score: Math.floor(percent * 10) / 10, ...score };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").slice(0, 80);
}
