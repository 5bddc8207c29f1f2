import { basename, dirname } from "node:path";

const FORBIDDEN_NAMES = ["utils", "util", "helpers", "helper", "common", "types", "misc", "shared"];
const DEEPEST = 3;
const MOST_ENTRIES = 16;
/** Folders that grow by one entry per change, by design. */
const MAY_GROW = ["migrations", "gen"];
/** The folders here are the plan of the house: one more is decided by who draws that plan, and not by a count. */
const PLAN_OF_THE_HOUSE = "packages/server/src";

const KEBAB_FILE = /^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.config|\.d)?\.(ts|tsx)$/;
const KEBAB_FOLDER = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** What is wrong with the names and places of these files, one sentence each. */
export function pathProblems(paths: readonly string[]): string[] {
  const handMade = paths.filter((path) => !path.includes("/gen/"));
  return [...handMade.flatMap(nameProblems), ...handMade.flatMap(depthProblems), ...crowdProblems(handMade)];
}

function nameProblems(path: string): string[] {
  const name = basename(path);
  const stem = name.split(".")[0] ?? name;
  const folders = dirname(path).split("/");
  const vague = [stem, ...folders].find((part) => FORBIDDEN_NAMES.includes(part));
  if (vague !== undefined) return [`${path}: "${vague}" says nothing: name the thing that is inside`];
  if (!KEBAB_FILE.test(name) || !folders.every((folder) => KEBAB_FOLDER.test(folder) || folder === ".")) {
    return [`${path}: use kebab-case, as in submit-job.ts`];
  }
  return [];
}

function depthProblems(path: string): string[] {
  const below = path.split("/src/")[1];
  if (below === undefined || below.split("/").length - 1 <= DEEPEST) return [];
  return [`${path}: deeper than ${DEEPEST} folders below src: split by noun instead`];
}

/** Counts what a reader sees in a folder: its files, with a test counted together with its file, and its folders. */
function crowdProblems(paths: readonly string[]): string[] {
  const entries = new Map<string, Set<string>>();
  for (const path of paths.filter((candidate) => candidate.includes("/src/") && !isTest(candidate))) {
    for (let entry = path; !entry.endsWith("/src"); entry = dirname(entry)) {
      const folder = dirname(entry);
      if (folder === PLAN_OF_THE_HOUSE && entry !== path) continue;
      entries.set(folder, (entries.get(folder) ?? new Set()).add(entry));
    }
  }
  return [...entries]
    .filter(([folder, inside]) => inside.size > MOST_ENTRIES && !MAY_GROW.includes(basename(folder)))
    .map(
      ([folder, inside]) => `${folder}: ${inside.size} entries, at most ${MOST_ENTRIES}: split it by noun`,
    );
}

function isTest(path: string): boolean {
  return path.endsWith(".test.ts");
}
