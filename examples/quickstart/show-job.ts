// Prints what is worth knowing of a finished job: show-job.ts JOB FOLDER, which are what `berth run --json` prints, and
// where the artifacts are.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { formatDuration, formatSize, job, type Job } from "@berth/protocol";

const [jobFile = "", folder = "."] = process.argv.slice(2);
showJob(job.parse(JSON.parse(readFileSync(jobFile, "utf8"))));
section(
  "Artifacts",
  readdirSync(folder).map((name) => join(folder, name)),
);

function showJob({ id, state, cause, result, usage, isolation }: Job): void {
  section("Job", [id]);
  section("State", [`${state}: ${cause?.message ?? "no cause"}`]);
  section("Problems", [cause?.evidence["problems"] ?? []].flat().map(String));
  section("Result", resultLines(result));
  section("Resources", [usageLine(usage)]);
  const items = isolation?.items ?? [];
  const applied = items.filter((item) => item.applied).map((item) => item.name);
  section("Isolation", wrap(applied.join(", ")));
  const others = Map.groupBy(
    items.filter((item) => !item.applied),
    ({ detail }) => detail,
  );
  section(
    "Not applied",
    [...others].flatMap(([detail, those]) => wrap(`${those.map(({ name }) => name).join(", ")}: ${detail}`)),
  );
}

function section(title: string, lines: readonly string[]): void {
  for (const [i, line] of lines.entries()) console.log(`${(i === 0 ? title : "").padEnd(12)}${line}`);
}

function resultLines(result: unknown): string[] {
  if (typeof result !== "object" || result === null) return [JSON.stringify(result)];
  return Object.entries(result).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
}

function usageLine({ cpuMs, wallMs, peakMemoryBytes, outputBytes }: Job["usage"]): string {
  const parts = [
    cpuMs === null ? "CPU time not measured" : `${formatDuration(cpuMs)} CPU`,
    wallMs === null ? "no wall time" : `${formatDuration(wallMs)} in all`,
    peakMemoryBytes === null
      ? "peak memory not measurable on this host"
      : `${formatSize(peakMemoryBytes)} memory at most`,
    `${formatSize(outputBytes)} of output`,
  ];
  return parts.join(", ");
}

/** Lines that fit beside the titles, in a terminal of 80 columns. */
function wrap(text: string): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? "";
    if (last === "" || last.length + word.length < 67) lines[lines.length - 1] = `${last} ${word}`.trim();
    else lines.push(word);
  }
  return lines;
}
