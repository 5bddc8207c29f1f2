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
  section("Not applied", notApplied(items));
}

type Item = NonNullable<Job["isolation"]>["items"][number];

/** What is not applied, together where it is for one reason: that is said once, behind what was wanted of each. */
function notApplied(items: readonly Item[]): string[] {
  const parts = items
    .filter(({ applied }) => !applied)
    .map(({ name, detail }) => {
      const [wanted = "", ...reason] = detail.split(": ");
      return { name, wanted, reason: reason.join(": ") };
    });
  return [...Map.groupBy(parts, ({ reason }) => reason)].flatMap(([reason, those]) => {
    if (reason === "") return those.flatMap(({ name, wanted }) => wrap(`${name}: ${wanted}`));
    const names = those.map(({ name, wanted }) => `${name} (${wanted})`).join(", ");
    return wrap(`${names}: ${reason}`);
  });
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
